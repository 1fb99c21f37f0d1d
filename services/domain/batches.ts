import type { JobPlan } from '../contract/job.js';
import { judgedMetrics } from '../contract/judged.js';

/** Batches are runs of `plan.blocks` blocks; blocks are numbered through: 1 … blocks are the first, the next the second. */
type Blocks = Pick<JobPlan, 'blocks' | 'batches'>;

/** Counts repeat almost exactly: the second run shows that they do. */
const REPETITIONS = 2;
/** Where they are judged and the number of blocks is not fixed. */
const JUDGED_REPETITIONS = 12;

/**
 * How often a batch counts the host's instructions apart from time: as often as it has blocks where a threshold names
 * them, since they are judged like any other metric then; else so that one sees that they repeat.
 */
export function countRepetitions({
  blocks,
  thresholds,
  withinSeconds,
}: Pick<JobPlan, 'blocks' | 'thresholds' | 'withinSeconds'>): number {
  if (!judgesInstructions({ thresholds })) return REPETITIONS;
  return withinSeconds === null ? blocks : JUDGED_REPETITIONS;
}

/** Whether a regression of the host's instructions would be one. */
export function judgesInstructions({ thresholds }: Pick<JobPlan, 'thresholds'>): boolean {
  return judgedMetrics(thresholds).includes('hostInstructions');
}

/** The batch of a block, from 1; the warm-up is of the first, and so is everything where there is only one. */
export function batchOf(plan: Blocks, block: number): number {
  return block < 1 || plan.batches === 1 ? 1 : Math.floor((block - 1) / plan.blocks) + 1;
}

/** The measured blocks of a batch, ascending. */
export function blocksOfBatch(plan: Blocks, batch: number): number[] {
  return Array.from({ length: plan.blocks }, (_, index) => (batch - 1) * plan.blocks + index + 1);
}
