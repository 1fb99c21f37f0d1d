// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { batchOf } from '#domain/batches.js';
import { random } from '#statistics/random.js';
import { jobPlan, onBothSides, plannedWorkload, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { sampleOf } from '#support/sample.js';

/** Blocks of a batch. */
export const BLOCKS = 12;
/** A plan of `none` and `static` on both sides in two batches, with optional overrides. */
export const twoSidedPlan = (details: Partial<JobPlan> = {}): JobPlan =>
  jobPlan({
    sides: TWO_SIDES,
    variants: onBothSides([variantOf('none'), variantOf('static')]),
    workloads: [plannedWorkload('w n=1', { name: 'w' })],
    blocks: BLOCKS,
    batches: 2,
    ...details,
  });

/** Samples of blocks `from` to `to`: times in ms per variant and side, with 0.2 % of noise. */
export function samplesOf(times: Record<string, number>, from: number, to: number): Sample[] {
  const next = random(3, from);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((block) =>
    Object.entries(times).map(([key, time]): Sample => {
      const [variant, side] = key.split('@') as [string, Sample['side']?];
      return sampleOf({
        id: `${key}${block}`,
        variant,
        side: side ?? 'head',
        workload: 'w n=1',
        batch: batchOf(twoSidedPlan(), block),
        block,
        userNs: '0',
        maxRssBytes: '0',
        wallNs: String(Math.round(time * 1e6 * (1 + 0.004 * (next() - 0.5)))),
        link: block % 2,
        buildKey: `${key}'s`,
      });
    }),
  );
}
/** Times in ms without a difference between the sides. */
export const SAME = { none: 100, static: 150, 'none@base': 100, 'static@base': 150 };
/** Times in ms with a regression of `static`. */
export const SLOWER_STATIC = { ...SAME, static: 165 };
