import type { JobPlan } from '../contract/job.js';
import type { Side } from '../contract/side.js';
import { random, shuffled } from '../statistics/random.js';
import { batchOf } from './batches.js';

/** One run of a block. */
export interface BlockRun {
  /** Name of the variant. */
  readonly variant: string;
  readonly side: Side;
  /** Label of the workload. */
  readonly workload: string;
  /** Place within the block, from 0. */
  readonly position: number;
}

/** The block that is run first and never compared. */
export const WARM_UP_BLOCK = 0;

/**
 * What one block runs, in order: for each workload every variant once.
 *
 * The variants of a workload follow each other, so that what is compared ran close together; the workloads come in a
 * random order. Measured blocks fall into groups of as many blocks as there are variants. Within a group the orders
 * are the rows of a Latin square: every variant is once first, once second, and so on, for every workload. The square
 * is Williams' (0, 1, V-1, 2, V-2, … shifted by the row), which for an even number of variants also makes every
 * variant follow every other exactly once; its labels and the order of its rows are random, anew for each group.
 *
 * Source: Williams, "Experimental Designs Balanced for the Estimation of Residual Effects of Treatments", 1949.
 *
 * The variants of both sides of a job are shuffled together, and a second batch begins a group of its own.
 *
 * @param plan only its variants, workloads, blocks per batch and seed matter: equal ones, equal order
 * @param block 0 (warm-up) or a measured block, from 1
 * @throws RangeError if the block is not an integer from 0
 */
export function blockOrder(plan: JobPlan, block: number): BlockRun[] {
  if (!Number.isInteger(block) || block < 0)
    throw new RangeError(`a block is an integer from 0, not ${block}`);
  const workloads = shuffled([...plan.workloads.keys()], random(plan.seed, WORKLOAD_STREAM, block));
  const runs: BlockRun[] = [];
  for (const workload of workloads) {
    for (const variant of variantOrder(plan, workload, block)) {
      const { name, side } = plan.variants[variant]!;
      runs.push({
        variant: name,
        side,
        workload: plan.workloads[workload]!.label,
        position: runs.length,
      });
    }
  }
  return runs;
}

const WORKLOAD_STREAM = 1;
const VARIANT_STREAM = 2;

/** Indexes of the variants, in the order in which one block runs them with one workload. */
function variantOrder(plan: JobPlan, workload: number, block: number): number[] {
  const count = plan.variants.length;
  const batch = batchOf(plan, block);
  const inBatch = block - 1 - (batch - 1) * plan.blocks;
  const group = block === WARM_UP_BLOCK ? -1 : Math.floor(inBatch / count);
  const next = random(plan.seed, VARIANT_STREAM, workload, group, ...(batch === 1 ? [] : [batch]));
  const labels = shuffled([...plan.variants.keys()], next);
  const rows = shuffled([...plan.variants.keys()], next);
  const row = block === WARM_UP_BLOCK ? 0 : rows[inBatch % count]!;
  return labels.map((_, column) => {
    const start = column % 2 === 1 ? (column + 1) / 2 : count - column / 2; // 0, 1, V-1, 2, V-2, …
    return labels[(start + row) % count]!;
  });
}
