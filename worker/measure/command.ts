import { emulatorName, type Target } from '../../services/contract/qemu.js';
import type { PlannedWorkload } from '../../services/contract/job.js';
import type { Variant } from '../../services/contract/variant.js';
import type { WorkloadDefinition } from '../../services/contract/workload.js';

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
export const RUN_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
} as const;

/** The argument vector of one measured run: a program that QEMU runs under if any, QEMU, what the variant adds, what the workload asks for. */
export function runCommand(
  target: Target,
  variant: Variant,
  workload: PlannedWorkload,
  definition: WorkloadDefinition,
  wrapper: readonly string[] = [],
): string[] {
  return [
    ...wrapper,
    `/opt/qemu/bin/${emulatorName(target)}`,
    ...variantArguments(variant),
    ...(definition.run.targetArguments[target] ?? definition.run.arguments).map((argument) =>
      argument.replace(/\{(\w+)\}/g, (whole, name: string) =>
        String(workload.parameters[name] ?? whole),
      ),
    ),
  ];
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
