// SPDX-License-Identifier: GPL-2.0-or-later
import type { Expected, JobPlan } from '#contract/job.js';
import type { Target } from '#contract/qemu.js';
import { pairsForNoChange } from '#statistics/planned-pairs.js';
import { scheduleBlock } from './schedule.js';
import { thresholdOf } from './thresholds.js';

/** Observed noise of a guest on a host. */
export interface GuestNoise {
  readonly hostFingerprint: string;
  readonly target: Target;
  /** Label of the workload. */
  readonly workload: string;
  /** Robust standard deviation of a block's log ratio. */
  readonly noiseSd: number;
  /** Standard deviation over links of the same objects; null before an A/A job. */
  readonly layoutSd: number | null;
  /** Duration of one run, including its overhead. */
  readonly runSeconds: number;
}

/**
 * Returns how long a job is expected to measure, from the noise that its guests had last. It
 * assumes the verdict `no-change`; differences are found sooner.
 *
 * @returns null if a guest of the job is unknown or uploaded, or the number of blocks is fixed.
 */
export function expectationOf(plan: JobPlan, guests: readonly GuestNoise[]): Expected | null {
  if (plan.withinSeconds === null) return null;
  const runs = scheduleBlock(plan, 1);
  let seconds = 0;
  let blocks = 0;
  let worst: GuestNoise | null = null;
  for (const { label, uploaded } of plan.workloads) {
    const guest =
      uploaded === undefined ? guests.find(({ workload }) => workload === label) : undefined;
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
