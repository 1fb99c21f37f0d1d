import type { Expected, JobPlan } from '../contract/job.js';
import type { Target } from '../contract/qemu.js';
import { pairsForNoChange } from '../statistics/planned-pairs.js';
import { scheduleBlock } from './schedule.js';
import { thresholdOf } from './thresholds.js';

/** How a guest was seen to vary on a host. */
export interface GuestNoise {
  readonly hostFingerprint: string;
  readonly target: Target;
  /** Label. */
  readonly workload: string;
  /** Robust standard deviation of a block's log ratio. */
  readonly noiseSd: number;
  /** Standard deviation over links of the same objects; null before an A/A job. */
  readonly layoutSd: number | null;
  /** Of one run, with everything around it. */
  readonly runSeconds: number;
}

/**
 * How long a job probably measures, by how its guests varied where they were measured last: as long as it takes to show
 * that nothing changed. Differences are found sooner.
 *
 * @returns null where a guest of the job is not known yet, or the number of blocks is fixed
 */
export function expectationOf(plan: JobPlan, guests: readonly GuestNoise[]): Expected | null {
  if (plan.withinSeconds === null) return null;
  const runs = scheduleBlock(plan, 1);
  let seconds = 0;
  let blocks = 0;
  let worst: GuestNoise | null = null;
  for (const { label } of plan.workloads) {
    const guest = guests.find(({ workload }) => workload === label);
    if (guest === undefined) return null;
    const pairs = pairsForNoChange(guest.noiseSd, thresholdOf(plan, label, 'wallNs'));
    const perBlock = runs.filter(({ workload }) => workload === label).length;
    seconds += Math.min(pairs, plan.blocks) * perBlock * guest.runSeconds;
    blocks = Math.max(blocks, Math.min(pairs, plan.blocks));
    if (worst === null || guest.noiseSd > worst.noiseSd) worst = guest;
  }
  return {
    blocks,
    seconds: Math.min(seconds, plan.withinSeconds),
    noiseSd: worst!.noiseSd,
    hostFingerprint: worst!.hostFingerprint,
  };
}
