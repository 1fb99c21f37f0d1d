import type { Build } from '../contract/build.js';
import type { ComparisonRow } from '../contract/comparison.js';
import type { Sample } from '../contract/sample.js';
import { median } from '../statistics/median.js';
import { eventCostOf, eventCount, type CostSources } from './event-costs.js';
import type { RatioEvidence } from './judging.js';
import { metricValue } from './metric-values.js';
import { logRatiosOf, type Cell, type RunIndex } from './pairs.js';
import { hasOneBuild, movedOf, processorRatio } from './second-opinion.js';

/** What a row is computed from. */
export interface RowSources extends CostSources {
  readonly metric: string;
  /** Builds of the job, as far as they are known. */
  readonly builds: readonly Pick<Build, 'side' | 'variant' | 'binaryDigest'>[];
  /** Runs that have the metric's values. */
  readonly valued: RunIndex;
}

/** A row that is not judged yet, and what its verdict will come of; null for the baseline's own. */
export interface EstimatedRow {
  readonly row: ComparisonRow;
  readonly evidence: RatioEvidence | null;
}

/** One cell of the overhead matrix. Without a reference it is the baseline's own; null where the cell has no run. */
export function estimateRow(
  sources: RowSources,
  cell: Cell,
  reference: Cell | null,
  threshold: number,
): EstimatedRow | null {
  const { index, valued, judge, metric } = sources;
  const runs = index.runs(cell);
  if (runs.length === 0) return null;
  const pairs = reference === null ? [] : index.pairs(cell, reference);
  const ratios =
    reference === null ? null : logRatiosOf(valued.pairs(cell, reference), metricValue(metric));
  const evidence = ratios === null ? null : judge.estimate([...ratios.values()], threshold);
  const processor = metric === 'wallNs' ? processorRatio(judge, pairs, threshold) : null;
  const values = valued.runs(cell).map(metricValue(metric));
  const known = values.filter((value) => value !== null);
  const counts = runs.map(eventCount).filter((count) => count !== null);
  const row: ComparisonRow = {
    ...cell,
    blocks: new Set(runs.map(({ block }) => block)).size,
    medianWallNs: median(runs.map(({ wallNs }) => Number(wallNs))),
    median: known.length === 0 ? null : median(known),
    ratio: evidence?.interval ?? null,
    pValue: evidence?.pValue ?? null,
    adjustedP: null,
    detectableRatio: null,
    verdict: null,
    threshold,
    events: counts.length < runs.length ? null : medianCount(runs),
    cost: reference === null ? null : eventCostOf(sources, cell, reference),
    processor,
    moved: movedOf(evidence?.interval ?? null, processor),
    oneBuild: hasOneBuild(metric, pairs),
    recordsStored: sum(runs.map(({ recordsStored }) => recordsStored)),
    recordsDropped: sum(runs.map(({ recordsDropped }) => recordsDropped)),
  };
  return { row, evidence };
}

/** The median number of events of runs that all count, rounded down to a whole count; exact beyond 2^53. */
function medianCount(runs: readonly Sample[]): string {
  const counts = runs
    .map(({ events, recordsDropped }) =>
      Object.values(events!).reduce(
        (total, count) => total + BigInt(count),
        BigInt(recordsDropped ?? 0),
      ),
    )
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return ((counts[(counts.length - 1) >> 1]! + counts[counts.length >> 1]!) / 2n).toString();
}

/** The sum of the known ones; null without any. */
function sum(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0
    ? null
    : known.reduce((total, value) => total + BigInt(value), 0n).toString();
}
