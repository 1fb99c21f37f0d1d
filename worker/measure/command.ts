import { emulatorName, kindOf, type Target } from '../../services/contract/qemu.js';
import { GUEST_COUNTER, type Variant } from '../../services/contract/variant.js';
import type { Build } from '../../services/contract/build.js';
import { linkName } from '../build/installed.js';
import type { RunInputs } from './measure-run.js';
import type { Run } from './run.js';

/** Folders of a run's container. */
export const RUN_PATHS = {
  workload: '/workload',
  instrumentation: '/instrumentation',
  output: '/output',
  trace: '/output/trace',
} as const;

/** Bytes of output that a run may keep: half from its beginning, half from its end. */
export const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** The whole environment of a measured program. */
const RUN_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
} as const;

/** Name of the variable whose length places the stack of a run. */
const PADDING = 'QIBENCH_PADDING';

/** The environment of a run, with bytes of padding that move the stack of QEMU and of a user-mode guest. */
export function runEnvironment(paddingBytes: number): Record<string, string> {
  return { ...RUN_ENVIRONMENT, [PADDING]: 'x'.repeat(paddingBytes) };
}

/**
 * The argument vector of one run: a program that QEMU runs under if any, QEMU, what the variant adds, what the workload
 * asks for.
 */
export function runCommand(
  { variant, workload, link, wrapper }: Pick<Run, 'variant' | 'workload' | 'link' | 'wrapper'>,
  {
    target,
    definition,
    build,
    sizeValue,
  }: Pick<RunInputs, 'target' | 'definition' | 'build' | 'sizeValue'>,
): string[] {
  const parameters =
    workload.size === null || sizeValue === null
      ? workload.parameters
      : { ...workload.parameters, [workload.size.parameter]: sizeValue };
  return [
    ...wrapper,
    emulatorPath(target, linkOf(build, link)),
    ...variantArguments(variant),
    ...clockArguments(variant, target),
    ...(definition.run.targetArguments[target] ?? definition.run.arguments).map((argument) =>
      argument.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole)),
    ),
  ];
}

/** Which link of a build runs in a block's turn; null where the build has a single one. */
export function linkOf({ links }: Pick<Build, 'links'>, turn: number | null): number | null {
  return turn === null || links < 2 ? null : turn % links;
}

/** Where the runner's image has an emulator, as it was linked first or in another order. */
export function emulatorPath(target: Target, link: number | null): string {
  const path = `/opt/qemu/bin/${emulatorName(target)}`;
  return link === null ? path : linkName(path, link);
}

/** A system's guest sees time by its instructions while they are counted, so that it always does the same. */
function clockArguments({ name }: Variant, target: Target): string[] {
  return name === GUEST_COUNTER && kindOf(target) === 'softmmu'
    ? ['-icount', 'shift=0,sleep=off']
    : [];
}

function variantArguments(variant: Variant): string[] {
  switch (variant.mode) {
    case 'none':
    case 'idle':
    case 'static':
      return [];
    case 'dynamic':
      return ['-instr', `file=${RUN_PATHS.instrumentation}/libtrace-instrument.so`];
    case 'plugin':
      // What a plugin prints goes where QEMU's log goes, and only with this log mask.
      return [
        '-plugin',
        [`file=${RUN_PATHS.instrumentation}/plugin.so`, ...variant.arguments].join(','),
        '-d',
        'plugin',
      ];
    case 'backend':
      // `log` has no file of its own: it writes where QEMU's log goes.
      return variant.backend === 'log'
        ? ['-trace', `events=${RUN_PATHS.instrumentation}/events`, '-D', RUN_PATHS.trace]
        : ['-trace', `events=${RUN_PATHS.instrumentation}/events,file=${RUN_PATHS.trace}`];
  }
}
