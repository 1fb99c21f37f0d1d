// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedWorkload } from '#contract/job.js';
import type { SampleSize } from '#contract/sample.js';
import { shownVariant } from '#contract/side.js';
import type { Variant } from '#contract/variant.js';
import type { ScheduledRun } from '#domain/schedule.js';

/** One run of QEMU, timed or counting. */
export interface Run {
  readonly variant: Variant;
  readonly workload: PlannedWorkload;
  /** `short`: a part of the full work, for a slow counter. */
  readonly size: SampleSize | 'short';
  /** 0-based position in its block. */
  readonly position: number;
  readonly group: number;
  /** Link of the build that runs; null: the original link. */
  readonly link: number | null;
  /** Number in [0, 1) that selects one of the measuring CPUs; null: all of them. */
  readonly cpuDraw: number | null;
  readonly environmentBytes: number;
  readonly stackBytes: number;
  /** Program with its arguments that QEMU runs under; empty for timed runs. */
  readonly wrapper: readonly string[];
  /** Options of QEMU for a profile. */
  readonly options: readonly string[];
  /** Files that the run writes beside its trace. */
  readonly files: readonly string[];
  readonly timeoutSeconds: number;
  readonly storesTrace: boolean;
}

/** Creates a counting run. It has no random properties, so that counts repeat. */
export function countingRun(
  variant: Variant,
  workload: PlannedWorkload,
  position: number,
  changes: Partial<Pick<Run, 'wrapper' | 'options' | 'files' | 'timeoutSeconds' | 'size'>> = {},
): Run {
  return {
    variant,
    workload,
    size: 'full',
    position,
    group: 0,
    link: null,
    cpuDraw: null,
    environmentBytes: 0,
    stackBytes: 0,
    wrapper: [],
    options: [],
    files: [],
    timeoutSeconds: workload.timeoutSeconds,
    storesTrace: false,
    ...changes,
  };
}

/** Creates a timed run from the schedule. */
export function timedRun(
  scheduled: ScheduledRun,
  variant: Variant,
  workload: PlannedWorkload,
  storesTrace: boolean,
): Run {
  const { size, position, group, link, cpuDraw, environmentBytes, stackBytes } = scheduled;
  const { timeoutSeconds } = workload;
  return {
    variant,
    workload,
    size,
    position,
    group,
    link,
    cpuDraw,
    environmentBytes,
    stackBytes,
    wrapper: [],
    options: [],
    files: [],
    timeoutSeconds,
    storesTrace,
  };
}

/** Returns the names of a run for errors and logs. */
export function namesOf({ variant, workload }: Pick<Run, 'variant' | 'workload'>): {
  workload: string;
  variant: string;
} {
  return { workload: workload.label, variant: shownVariant(variant) };
}
