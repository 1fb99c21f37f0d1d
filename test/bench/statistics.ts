// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the CPU cost of a comparison's statistics: `npm run bench:statistics`. Runs the
// bootstrap of the pseudo-median and its plain version in turns, medians of a few runs, and a whole
// ratio.
import Table from 'cli-table3';
import { bootstrapPseudoMedian } from '#statistics/pseudo-median.js';
import { random } from '#statistics/random.js';
import { estimateRatio } from '#statistics/ratio-estimate.js';
import { normalDraws } from '#support/draws.js';
import { walkedBootstrap } from '#support/walked-pseudo-median.js';

const ROUNDS = 7;
const table = new Table({
  head: ['blocks', 'walking all averages', 'counting', 'ratio of the two', 'a whole ratio'],
  style: { head: [], border: [] },
});
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function tookMs(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

for (const blocks of [10, 12, 30, 60, 100, 200]) {
  const values = normalDraws(blocks, random(1, blocks)).map((value) => 0.01 * value + 0.002);
  const rounds = Array.from({ length: ROUNDS }, () => ({
    walkedMs: tookMs(() => walkedBootstrap(values)),
    countedMs: tookMs(() => bootstrapPseudoMedian(values)),
    ratioMs: tookMs(() => estimateRatio(values)),
  }));
  const [walkedMs, countedMs, ratioMs] = (['walkedMs', 'countedMs', 'ratioMs'] as const).map(
    (name) => median(rounds.map((round) => round[name])),
  ) as [number, number, number];
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  table.push([blocks, ms(walkedMs), ms(countedMs), (walkedMs / countedMs).toFixed(1), ms(ratioMs)]);
}
console.log(table.toString());
