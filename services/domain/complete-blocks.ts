import type { JobPlan } from '../contract/job.js';
import type { Sample } from '../contract/sample.js';
import type { Side } from '../contract/side.js';
import { batchOf } from './batches.js';

/** One block in which nothing is missing. */
export interface CompleteBlock {
  run(side: Side, variant: string, workload: string): Sample;
  readonly samples: readonly Sample[];
}

/**
 * The measured blocks of a batch in which nothing is missing, ascending: those in which every variant of every side
 * ran every workload. The warm-up block is of no batch.
 *
 * @param samples any order, also of incomplete blocks
 */
export function completeBlocks(
  plan: JobPlan,
  samples: readonly Sample[],
  batch: number,
): CompleteBlock[] {
  const planned = new Set(
    plan.variants.flatMap(({ side, name }) =>
      plan.workloads.map(({ label }) => cell(side, name, label)),
    ),
  );
  const blocks = new Map<number, Map<string, Sample>>();
  for (const sample of samples) {
    const key = cell(sample.side, sample.variant, sample.workload);
    if (sample.block < 1 || batchOf(plan, sample.block) !== batch || !planned.has(key)) continue;
    const block = blocks.get(sample.block) ?? new Map<string, Sample>();
    blocks.set(sample.block, block.set(key, sample));
  }
  return [...blocks.entries()]
    .filter(([, block]) => block.size === planned.size)
    .sort(([a], [b]) => a - b)
    .map(([, block]) => ({
      run: (side, variant, workload) => block.get(cell(side, variant, workload))!,
      samples: [...block.values()],
    }));
}

function cell(side: Side, variant: string, workload: string): string {
  return `${side}\n${variant}\n${workload}`;
}
