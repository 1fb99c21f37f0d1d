// SPDX-License-Identifier: GPL-2.0-or-later
import { isSampleMetric } from '#contract/metric.js';
import type { Sample } from '#contract/sample.js';
import { groupsOf } from '../../format/groups.js';
import { shownVariant } from '../../format/variant.js';

/** One sample as plots show it. */
export interface Point {
  readonly sample: Sample;
  /** Label of the variant. */
  readonly variant: string;
  /** Block number, plus an offset by the order of the runs within the block. */
  readonly x: number;
  /** In the unit of the metric, or as a ratio to the baseline in its block. */
  readonly y: number;
  /** 1-based position among the block's runs of this workload. */
  readonly turn: number;
  readonly turns: number;
}

/** Share of a block's width over which its runs are spread. */
const SPREAD = 0.7;

/** Returns the value of a metric in a sample; null without one. */
export function valueOf(sample: Sample, metric: string): number | null {
  if (metric === 'cpuNs') return Number(sample.userNs) + Number(sample.systemNs);
  const value = isSampleMetric(metric)
    ? sample[metric]
    : sample.metrics.findLast(({ name }) => name === metric)?.value;
  return value === undefined || value === null ? null : Number(value);
}

/**
 * Returns the samples of one workload as points, in the order of the blocks.
 *
 * @param baseline Variant that divides each value, from the same side and block; null leaves values
 *   as measured.
 */
export function pointsOf(
  samples: readonly Sample[],
  metric: string,
  baseline: string | null,
): Point[] {
  const points: Point[] = [];
  for (const [block, runs] of groupsOf(samples, (sample) => sample.block)) {
    const inOrder = [...runs].sort((a, b) => a.position - b.position);
    inOrder.forEach((sample, index) => {
      const value = valueOf(sample, metric);
      const under = baseline === null ? 1 : reference(runs, sample, metric, baseline);
      if (value === null || under === null) return;
      points.push({
        sample,
        variant: shownVariant({ name: sample.variant, side: sample.side }),
        x: block + ((index + 0.5) / inOrder.length - 0.5) * SPREAD,
        y: value / under,
        turn: index + 1,
        turns: inOrder.length,
      });
    });
  }
  return points.sort((a, b) => a.x - b.x);
}

function reference(
  runs: readonly Sample[],
  { side, group }: Sample,
  metric: string,
  baseline: string,
): number | null {
  const references = runs.filter((other) => other.variant === baseline && other.side === side);
  const run = references.find((other) => other.group === group) ?? references[0];
  const value = run === undefined ? null : valueOf(run, metric);
  // A ratio needs a positive reference.
  return value === null || value <= 0 ? null : value;
}

/** Returns quartiles by linear interpolation, as type 7 of R. */
export function quartiles(
  values: readonly number[],
): { low: number; lower: number; median: number; upper: number; high: number } | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
  };
  return {
    low: sorted[0]!,
    lower: at(0.25),
    median: at(0.5),
    upper: at(0.75),
    high: sorted.at(-1)!,
  };
}

/** Returns whether a sample belongs to the first batch: neither warm-up nor confirmation. */
export function isFirstBatch({ block, batch, kind }: Sample): boolean {
  return kind === 'instructions' || (block > 0 && batch === 1);
}
