// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { findingMetrics } from '#contract/findings.js';

/**
 * A batch has `plan.blocks` blocks. Block numbers continue: 1 … blocks is batch 1, then batch 2.
 */
type Blocks = Pick<JobPlan, 'blocks' | 'batches'>;

/** Instruction counts repeat almost exactly; the second run verifies that. */
const REPETITIONS = 2;
/** Repetitions if the counts are judged and the number of blocks is not fixed. */
const JUDGED_REPETITIONS = 12;

/**
 * Returns the number of runs in a batch that count the host's instructions and are not timed. If a
 * threshold names the metric, it is judged like any other and has as many runs as blocks. Otherwise
 * two runs show that the counts repeat.
 */
export function countRepetitions({
  blocks,
  thresholds,
  withinSeconds,
}: Pick<JobPlan, 'blocks' | 'thresholds' | 'withinSeconds'>): number {
  if (!judgesInstructions({ thresholds })) return REPETITIONS;
  return withinSeconds === null ? blocks : JUDGED_REPETITIONS;
}

/** Returns whether the host's instructions are judged. */
export function judgesInstructions({ thresholds }: Pick<JobPlan, 'thresholds'>): boolean {
  return findingMetrics(thresholds).includes('hostInstructions');
}

/** Returns the 1-based batch of a block. The warm-up block belongs to batch 1. */
export function batchOf(plan: Blocks, block: number): number {
  return block < 1 || plan.batches === 1 ? 1 : Math.floor((block - 1) / plan.blocks) + 1;
}

/** Returns the measured blocks of a batch, ascending. */
export function blocksOfBatch(plan: Blocks, batch: number): number[] {
  return Array.from({ length: plan.blocks }, (_, index) => (batch - 1) * plan.blocks + index + 1);
}
