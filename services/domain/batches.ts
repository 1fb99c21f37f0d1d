import type { JobPlan } from '../contract/job.js';

/** Batches are runs of `plan.blocks` blocks; blocks are numbered through: 1 … blocks are the first, the next the second. */
type Blocks = Pick<JobPlan, 'blocks' | 'batches'>;

/** The batch of a block, from 1; the warm-up is of the first, and so is everything where there is only one. */
export function batchOf(plan: Blocks, block: number): number {
  return block < 1 || plan.batches === 1 ? 1 : Math.floor((block - 1) / plan.blocks) + 1;
}

/** The measured blocks of a batch, ascending. */
export function blocksOfBatch(plan: Blocks, batch: number): number[] {
  return Array.from({ length: plan.blocks }, (_, index) => (batch - 1) * plan.blocks + index + 1);
}
