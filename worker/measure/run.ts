import type { PlannedWorkload } from '../../services/contract/job.js';
import type { SampleSize } from '../../services/contract/sample.js';
import { shownVariant } from '../../services/contract/side.js';
import type { Variant } from '../../services/contract/variant.js';
import type { ScheduledRun } from '../../services/domain/schedule.js';

/** One run of QEMU, whatever it is for. */
export interface Run {
  readonly variant: Variant;
  readonly workload: PlannedWorkload;
  /** `short`: a part of the full work that a slow counter can run. */
  readonly size: SampleSize | 'short';
  /** Place within its block, from 0. */
  readonly position: number;
  readonly group: number;
  /** Which link of the build runs; null: the build as it was linked first. */
  readonly link: number | null;
  /** In [0, 1): which of the measuring CPUs it runs on; null: on all. */
  readonly cpuDraw: number | null;
  readonly environmentBytes: number;
  readonly stackBytes: number;
  /** Program with its arguments that QEMU runs under; none where time is measured. */
  readonly wrapper: readonly string[];
  readonly timeoutSeconds: number;
  readonly storesTrace: boolean;
}

/** A run that counts: nothing of it is drawn, so that counts repeat. */
export function countingRun(
  variant: Variant,
  workload: PlannedWorkload,
  position: number,
  changes: Partial<Pick<Run, 'wrapper' | 'timeoutSeconds' | 'size'>> = {},
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
    timeoutSeconds: workload.timeoutSeconds,
    storesTrace: false,
    ...changes,
  };
}

/** A timed run as the schedule has it. */
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
    timeoutSeconds,
    storesTrace,
  };
}

/** How errors and logs name a run. */
export function namesOf({ variant, workload }: Pick<Run, 'variant' | 'workload'>): {
  workload: string;
  variant: string;
} {
  return { workload: workload.label, variant: shownVariant(variant) };
}
