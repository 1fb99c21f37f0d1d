// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { fewestBlocks } from '#statistics/minimum-detectable-effect.js';

/**
 * Returns the number of comparisons that a plan judges together: the overheads of each side, head
 * against base, and the changes of overhead.
 */
export function plannedComparisons({
  variants,
  workloads,
}: Pick<JobPlan, 'variants' | 'workloads'>): number {
  const [head, base] = (['head', 'base'] as const).map(
    (side) => variants.filter((variant) => variant.side === side).length,
  ) as [number, number];
  const overheads = Math.max(0, head - 1) + Math.max(0, base - 1);
  const sides = base === 0 ? 0 : head + Math.max(0, head - 1);
  return workloads.length * (overheads + sides);
}

/**
 * Returns the blocks that a single difference among a plan's comparisons needs, however large it
 * is; null if the number of blocks is not fixed or nothing is compared.
 */
export function fewestPlanned(
  plan: Pick<JobPlan, 'withinSeconds' | 'variants' | 'workloads'>,
): number | null {
  const comparisons = plannedComparisons(plan);
  return plan.withinSeconds !== null || comparisons === 0 ? null : fewestBlocks(comparisons);
}
