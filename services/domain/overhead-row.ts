import type { ComparisonRow } from '../contract/comparison.js';
import type { Sample } from '../contract/sample.js';
import { logRatios } from '../statistics/log-ratios.js';
import { median } from '../statistics/median.js';
import { estimateRatio } from '../statistics/ratio-estimate.js';
import { pairedValues } from './metric-values.js';

/** What a variant of a side did in the blocks of a batch, with one workload. */
export interface Runs {
  /** One for each block, in the same order for every variant. */
  readonly samples: readonly Sample[];
  /** Of the metric, by block. */
  readonly values: ReadonlyMap<number, number>;
}

/** A cell of the overhead matrix, not yet judged; without a reference it is the baseline's own. */
export function overheadRow({ samples, values }: Runs, reference: Runs | null): ComparisonRow {
  const wall = samples.map(wallOf);
  const paired = reference === null ? null : pairedValues(values, reference.values);
  const estimate = paired === null ? null : estimateRatio(logRatios(paired[0]!, paired[1]!));
  const counts = eventCounts(samples);
  return {
    variant: samples[0]!.variant,
    side: samples[0]!.side,
    workload: samples[0]!.workload,
    blocks: samples.length,
    medianWallNs: median(wall),
    median: values.size === 0 ? null : median([...values.values()]),
    ratio: estimate?.interval ?? null,
    pValue: estimate?.pValue ?? null,
    adjustedP: null,
    detectableRatio: estimate?.detectableRatio ?? null,
    verdict: null,
    events: counts === null ? null : medianCount(counts).toString(),
    nsPerEvent: reference === null || counts === null ? null : nsPerEvent(wall, reference.samples.map(wallOf), counts),
    recordsStored: sum(samples.map((sample) => sample.recordsStored)),
    recordsDropped: sum(samples.map((sample) => sample.recordsDropped)),
  };
}

const wallOf = (sample: Sample) => Number(sample.wallNs);

/** Events that fired per run, over all names; those that a trace had to drop did fire. Null if a run did not count. */
function eventCounts(runs: readonly Sample[]): bigint[] | null {
  const counts: bigint[] = [];
  for (const { events, recordsDropped } of runs) {
    if (events === null) return null;
    counts.push(Object.values(events).reduce((total, count) => total + BigInt(count), BigInt(recordsDropped ?? 0)));
  }
  return counts;
}

/** Median over the blocks of (wall - baseline's wall) / events, in ns; null if a run had no event. */
function nsPerEvent(wall: readonly number[], baselineWall: readonly number[], counts: readonly bigint[]): number | null {
  if (counts.includes(0n)) return null;
  return median(wall.map((value, block) => (value - baselineWall[block]!) / Number(counts[block]!)));
}

/** The median of counts, rounded down to a whole count. */
function medianCount(counts: readonly bigint[]): bigint {
  const sorted = [...counts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2n;
}

/** The sum of those that are known; null if none is. */
function sum(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + BigInt(value), 0n).toString();
}
