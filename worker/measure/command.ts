// SPDX-License-Identifier: GPL-2.0-or-later
import { emulatorName, targetKind, type Target } from '#contract/qemu.js';
import { GUEST_COUNTER, type Variant } from '#contract/variant.js';
import type { Build } from '#contract/build.js';
import { linkName } from '../build/installed.js';
import type { RunInputs } from './run-inputs.js';
import type { Run } from './run.js';

/** Folders of a run's container. */
export const RUN_PATHS = {
  workload: '/workload',
  instrumentation: '/instrumentation',
  output: '/output',
  trace: '/output/trace',
} as const;

/** Stored bytes of a run's output: half from its beginning, half from its end. */
export const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** The whole environment of a measured program. */
const RUN_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
} as const;

/** Name of the variable whose length moves a run's stack. */
const PADDING = 'QIBENCH_PADDING';

/**
 * Returns the environment of a run. The padding moves the stack of QEMU and of a user-mode guest.
 */
export function runEnvironment(paddingBytes: number): Record<string, string> {
  return { ...RUN_ENVIRONMENT, [PADDING]: 'x'.repeat(paddingBytes) };
}

/**
 * Returns the argument vector of one run: the wrapper, if any, then QEMU, the variant's arguments
 * and the workload's arguments.
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

/** Returns the link of a build that a block's turn runs; null if the build has a single link. */
export function linkOf({ links }: Pick<Build, 'links'>, turn: number | null): number | null {
  return turn === null || links < 2 ? null : turn % links;
}

/** Returns the path of an emulator in the build's image; null: the original link. */
export function emulatorPath(target: Target, link: number | null): string {
  const path = `/opt/qemu/bin/${emulatorName(target)}`;
  return link === null ? path : linkName(path, link);
}

/**
 * Returns arguments that derive a system guest's time from its instructions while they are counted,
 * so that the guest always does the same work.
 */
function clockArguments({ name }: Variant, target: Target): string[] {
  return name === GUEST_COUNTER && targetKind(target) === 'softmmu'
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
      // A plugin's output goes to QEMU's log, and only with this log mask.
      return [
        '-plugin',
        [`file=${RUN_PATHS.instrumentation}/plugin.so`, ...variant.arguments].join(','),
        '-d',
        'plugin',
      ];
    case 'backend':
      // The `log` backend has no own file: it writes to QEMU's log.
      return variant.backend === 'log'
        ? ['-trace', `events=${RUN_PATHS.instrumentation}/events`, '-D', RUN_PATHS.trace]
        : ['-trace', `events=${RUN_PATHS.instrumentation}/events,file=${RUN_PATHS.trace}`];
  }
}
