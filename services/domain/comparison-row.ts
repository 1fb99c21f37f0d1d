import type { ComparisonRow, CostPerEvent } from '../contract/comparison.js';
import type { Sample } from '../contract/sample.js';
import { median } from '../statistics/median.js';
import { estimateCentre, type RatioEstimate } from '../statistics/ratio-estimate.js';
import { ratioOf, type BlockValues } from './block-values.js';

interface Reference {
  readonly runs: readonly Sample[];
  readonly values: BlockValues;
}

/** A row that is not judged yet, and what its verdict and detectable effect will come of; null for the baseline's own. */
export interface EstimatedRow {
  readonly row: ComparisonRow;
  readonly estimate: RatioEstimate | null;
}

/** One row. Both lists of runs have one sample per block, in the same order; without a reference it is the baseline's own row. */
export function compareCell(
  runs: readonly Sample[],
  values: BlockValues,
  reference: Reference | null,
): EstimatedRow {
  const wall = runs.map((sample) => Number(sample.wallNs));
  const baselineWall = reference?.runs.map((sample) => Number(sample.wallNs)) ?? null;
  const estimate = reference === null ? null : ratioOf(values, reference.values);
  const counts = eventCounts(runs);
  const row: ComparisonRow = {
    variant: runs[0]!.variant,
    side: runs[0]!.side,
    workload: runs[0]!.workload,
    blocks: runs.length,
    medianWallNs: median(wall),
    median: values.size === 0 ? null : median([...values.values()]),
    ratio: estimate?.interval ?? null,
    pValue: estimate?.pValue ?? null,
    adjustedP: null,
    detectableRatio: null,
    verdict: null,
    events: counts === null ? null : medianCount(counts).toString(),
    nsPerEvent:
      baselineWall === null || counts === null ? null : nsPerEvent(wall, baselineWall, counts),
    recordsStored: sum(runs.map((sample) => sample.recordsStored)),
    recordsDropped: sum(runs.map((sample) => sample.recordsDropped)),
  };
  return { row, estimate };
}

/** Events that fired per run, over all names; those that a trace had to drop did fire. Null if a run did not count. */
function eventCounts(runs: readonly Sample[]): bigint[] | null {
  const counts: bigint[] = [];
  for (const { events, recordsDropped } of runs) {
    if (events === null) return null;
    counts.push(
      Object.values(events).reduce(
        (total, count) => total + BigInt(count),
        BigInt(recordsDropped ?? 0),
      ),
    );
  }
  return counts;
}

/** Null if a run had no event. */
function nsPerEvent(
  wall: readonly number[],
  baselineWall: readonly number[],
  counts: readonly bigint[],
): CostPerEvent | null {
  if (counts.includes(0n)) return null;
  const { centre, low, high, confidence } = estimateCentre(
    wall.map((value, block) => (value - baselineWall[block]!) / Number(counts[block]!)),
  );
  return { value: centre, low, high, confidence };
}

/** The median of counts, rounded down to a whole count. */
function medianCount(counts: readonly bigint[]): bigint {
  const sorted = [...counts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2n;
}

/** The sum of those that are known; null if none is. */
function sum(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0
    ? null
    : known.reduce((total, value) => total + BigInt(value), 0n).toString();
}
