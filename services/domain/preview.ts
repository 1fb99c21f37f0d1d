// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { JobPreview } from '#contract/preview.js';
import { fewestPairs } from '#statistics/sequential-decision.js';
import { RUNS_PER_SECOND, mostRuns } from './access.js';
import type { GuestNoise } from './expectation.js';
import { plannedComparisons } from './planned-comparisons.js';
import { buildsOf } from './recipe.js';
import { scheduleBlock } from './schedule.js';

/** Blocks after which the sizes of runs repeat. */
const CYCLE = 4;

/**
 * Returns what a planned job costs.
 *
 * @param guests Noise of the target's guests when they were measured last.
 * @param secondsPerBuild Typical time of a build for the target; null if unknown.
 */
export function previewOf(
  plan: JobPlan,
  guests: readonly GuestNoise[],
  secondsPerBuild: number | null,
): JobPreview {
  const { builds, libraries } =
    plan.sides === null ? { builds: 0, libraries: 0 } : buildsOf(plan.sides, plan.variants);
  const secondsOf = new Map(
    plan.workloads.map(({ label, name }) => [
      label,
      (
        guests.find(({ workload }) => workload === label) ??
        guests.find(({ workload }) => workload.split(' ')[0] === name)
      )?.runSeconds,
    ]),
  );
  const cycle = Array.from({ length: CYCLE }, (_, index) => scheduleBlock(plan, index + 1)).flat();
  const seconds = cycle.reduce(
    (sum, { workload }) => sum + (secondsOf.get(workload) ?? 1 / RUNS_PER_SECOND),
    0,
  );
  const blockSeconds = seconds / CYCLE;
  const { withinSeconds } = plan;
  const blocks = withinSeconds === null ? plan.blocks * plan.batches : null;
  const blocksWithin =
    withinSeconds === null ? null : Math.min(plan.blocks, Math.floor(withinSeconds / blockSeconds));
  const comparisons = plannedComparisons(plan);
  const runsPerBlock = Math.ceil(cycle.length / CYCLE);
  return {
    plan,
    builds,
    libraries,
    runs: blocks === null ? mostRuns(plan) : blocks * runsPerBlock,
    runsPerBlock,
    buildSeconds: secondsPerBuild === null ? null : builds * secondsPerBuild,
    measureSeconds: withinSeconds ?? blocks! * blockSeconds,
    blocksWithin,
    fewestBlocks:
      comparisons === 0
        ? null
        : withinSeconds === null
          ? plan.fewestBlocks
          : fewestPairs(comparisons),
    assumed: [...secondsOf.values()].includes(undefined),
  };
}
