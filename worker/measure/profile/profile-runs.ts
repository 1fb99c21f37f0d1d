// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import { RUN_PATHS } from '../command.js';
import { CALLGRIND_SLOWDOWN, LONGEST_SECONDS, runsWholly } from '../instructions.js';
import { countingRun, namesOf, type Run } from '../run.js';

/** First version of QEMU with the option -perfmap. */
const PERF_MAP_SINCE = 8;

/**
 * Runs callgrind, and copies the map of translated blocks that QEMU writes to /tmp, if it writes
 * one: a run's output volume has only the files that it was created with.
 */
const SCRIPT = `
"$@"; status=$?
cat /tmp/perf-*.map > ${RUN_PATHS.blocks} 2> /dev/null
exit $status
`;

/** Executed programs run without callgrind: only the emulator writes the file. */
const WRAPPER = [
  'sh',
  '-c',
  SCRIPT,
  'sh',
  'valgrind',
  '--tool=callgrind',
  `--callgrind-out-file=${RUN_PATHS.profile}`,
];

/** Returns why callgrind cannot profile a workload; null: it can. */
function reasonAgainst(workload: Run['workload'], target: Target): string | null {
  return runsWholly(target) || workload.size !== null
    ? null
    : 'callgrind runs a system emulator only with less work, and the workload cannot be scaled';
}

/** Returns the profiled runs: one per workload and variant. */
export function profileRuns(
  { plan, request }: Pick<Job, 'plan' | 'request'>,
  versionOf: (variant: Run['variant']) => string,
): { runs: Run[]; skipped: string[] } {
  const { target } = request.qemu;
  const skipped = plan.workloads.flatMap((workload) => {
    const reason = reasonAgainst(workload, target);
    return reason === null ? [] : [`${workload.label} is not profiled: ${reason}\n`];
  });
  const runs = plan.workloads
    .filter((workload) => reasonAgainst(workload, target) === null)
    .flatMap((workload) => plan.variants.map((variant) => ({ workload, variant })))
    .map(({ workload, variant }, position) =>
      countingRun(variant, workload, position, {
        size: runsWholly(target) ? 'full' : 'short',
        ...(Number.parseFloat(versionOf(variant)) >= PERF_MAP_SINCE
          ? // Translated code has addresses only, which the map names.
            { wrapper: [...WRAPPER, '--dump-instr=yes'], options: ['-perfmap'] }
          : { wrapper: WRAPPER }),
        files: [RUN_PATHS.profile, RUN_PATHS.blocks],
        timeoutSeconds: Math.min(LONGEST_SECONDS, workload.timeoutSeconds * CALLGRIND_SLOWDOWN),
      }),
    );
  return { runs, skipped };
}

/** Returns the log line for a run without a profile. */
export function missingProfile(run: Run, reason: string): string {
  const { workload, variant } = namesOf(run);
  return `${workload} under ${variant} is not profiled: ${reason}\n`;
}
