// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { pairsForNoChange } from '#statistics/planned-pairs.js';
import { robustSd } from '#statistics/robust-sd.js';
import { isSpent, comparisonRatios, spentSeconds, undecided } from './decisions.js';

/** Blocks after which a job's own noise is used to estimate the remaining time. */
const NOISE_KNOWN_BLOCKS = 8;

/** Returns the progress of measuring and the remaining time, estimated from the blocks' noise. */
export function progressOf(plan: JobPlan, samples: readonly Sample[]): JobComparison['progress'] {
  const blocks = new Set(samples.filter(({ block }) => block >= 1).map(({ block }) => block)).size;
  const seconds = spentSeconds(samples);
  const spent = { blocks, spentSeconds: seconds, withinSeconds: plan.withinSeconds };
  if (plan.withinSeconds === null) {
    const left = Math.max(0, plan.blocks - blocks);
    return {
      ...spent,
      undecided: 0,
      remainingSeconds: blocks === 0 ? null : (seconds / blocks) * left,
    };
  }
  const open = undecided(plan, samples);
  if (open.length === 0 || isSpent(plan, samples))
    return { ...spent, undecided: open.length, remainingSeconds: 0 };
  if (blocks < NOISE_KNOWN_BLOCKS)
    return { ...spent, undecided: open.length, remainingSeconds: null };
  const wanted = Math.max(
    ...comparisonRatios(plan, samples, open).map(({ ratios, threshold }) =>
      ratios.length < 2 ? plan.blocks : pairsForNoChange(robustSd(ratios), threshold),
    ),
  );
  const left = Math.max(1, Math.min(wanted, plan.blocks) - blocks);
  const remaining = Math.min((seconds / blocks) * left, plan.withinSeconds - seconds);
  return { ...spent, undecided: open.length, remainingSeconds: Math.max(0, remaining) };
}
