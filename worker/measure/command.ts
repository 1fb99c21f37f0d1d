// SPDX-License-Identifier: GPL-2.0-or-later
import { emulatorName, targetKind, type Target } from '#contract/qemu.js';
import { mergedInvocation, type QemuInvocation } from '#contract/qemu-invocation.js';
import { GUEST_COUNTER, recordsByBackend, type Variant } from '#contract/variant.js';
import type { Build } from '#contract/build.js';
import { filled, valuesOf, type PlaceholderValues } from '#domain/placeholders.js';
import { linkName } from '../build/installed.js';
import type { RunInputs } from './run-inputs.js';
import type { Run } from './run.js';

/** Folders of a run's container. */
export const RUN_PATHS = {
  workload: '/workload',
  instrumentation: '/instrumentation',
  /** List of the events that a backend records. */
  traceEvents: '/instrumentation/events',
  output: '/output',
  trace: '/output/trace',
  /** File of the profiler. */
  profile: '/output/profile',
  /** QEMU's map of translated code, if it writes one. */
  blocks: '/output/blocks',
} as const;

/** Stored bytes of a run's output: half from its beginning, half from its end. */
export const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** Environment of every measured program. */
const RUN_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
} as const;

/** Name of the variable whose length moves a run's stack. */
const PADDING = 'QIBENCH_PADDING';

/**
 * Returns the environment of a run. The padding moves the stack of QEMU and of a user-mode guest.
 */
export function runEnvironment(
  paddingBytes: number,
  requested: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...RUN_ENVIRONMENT, ...requested, [PADDING]: 'x'.repeat(paddingBytes) };
}

/** Returns what the request gives to QEMU in a run, with placeholders replaced. */
export function requestedInvocation(
  { variant, workload }: Pick<Run, 'variant' | 'workload'>,
  { qemu, sizeValue }: Pick<RunInputs, 'qemu' | 'sizeValue'>,
): QemuInvocation {
  const values = valuesOf({ variant, workload }, sizeValue);
  const given = mergedInvocation(qemu, workload.qemu, variant.qemu) ?? {};
  const { arguments: words = [], environment = {}, stdin } = given;
  return {
    arguments: words.map((word) => filled(word, values)),
    environment: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, filled(value, values)]),
    ),
    ...(stdin === undefined ? {} : { stdin }),
  };
}

/**
 * Returns the argument vector of one run: the wrapper, if any, then QEMU with the arguments of
 * variant, workload and request. A system emulator gets the request's last, so that they count. In
 * user mode they precede the program, whose arguments follow it.
 */
export function runCommand(
  {
    variant,
    workload,
    link,
    wrapper,
    options = [],
  }: Pick<Run, 'variant' | 'workload' | 'link' | 'wrapper'> & Partial<Pick<Run, 'options'>>,
  inputs: Pick<RunInputs, 'target' | 'definition' | 'qemu' | 'build' | 'sizeValue'>,
): string[] {
  const { target, definition, build, sizeValue } = inputs;
  const values = valuesOf({ variant, workload }, sizeValue);
  const { arguments: requested = [] } = requestedInvocation({ variant, workload }, inputs);
  const own = (definition.run.targetArguments[target] ?? definition.run.arguments).map((word) =>
    filled(word, values),
  );
  return [
    ...wrapper,
    emulatorPath(target, linkOf(build, link)),
    ...options,
    ...variantArguments(variant, values),
    ...clockArguments(variant, target, requested),
    ...(targetKind(target) === 'softmmu' ? [...own, ...requested] : [...requested, ...own]),
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
 * so that the guest always does the same work. A request that sets this itself keeps its setting.
 */
function clockArguments({ name }: Variant, target: Target, requested: readonly string[]): string[] {
  return name === GUEST_COUNTER &&
    targetKind(target) === 'softmmu' &&
    !requested.some((word) => /^--?icount$/.test(word))
    ? ['-icount', 'shift=0,sleep=off']
    : [];
}

function variantArguments(variant: Variant, values: PlaceholderValues): string[] {
  // QEMU splits the value of -instr and -plugin at commas; a doubled comma is one of the argument.
  const words = variant.arguments.map((word) => filled(word, values).replaceAll(',', ',,'));
  const passed = words.map((word) => `arg=${word}`);
  switch (variant.mode) {
    case 'none':
    case 'idle':
      return [];
    case 'static':
      return passed.length === 0 ? [] : ['-instr', passed.join(',')];
    case 'dynamic':
      return [
        '-instr',
        [`file=${RUN_PATHS.instrumentation}/libtrace-instrument.so`, ...passed].join(','),
      ];
    case 'plugin':
      // A plugin's output goes to QEMU's log, and only with this log mask.
      return [
        '-plugin',
        [`file=${RUN_PATHS.instrumentation}/plugin.so`, ...words].join(','),
        '-d',
        'plugin',
      ];
    case 'backend':
      return recordsByBackend(variant) ? recordingArguments(variant) : [];
  }
}

/**
 * Returns the arguments with which a backend records. `ust` and `dtrace` need them only for events
 * of a virtual CPU, which QEMU checks itself.
 */
function recordingArguments({ backend }: Pick<Variant, 'backend'>): string[] {
  const events = `events=${RUN_PATHS.traceEvents}`;
  switch (backend) {
    case 'simple':
      return ['-trace', `${events},file=${RUN_PATHS.trace}`];
    case 'log':
      // It has no file of its own: it writes to QEMU's log.
      return ['-trace', events, '-D', RUN_PATHS.trace];
    default:
      return ['-trace', events];
  }
}
