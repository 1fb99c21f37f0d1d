// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { ComparisonRow } from '#contract/comparison.js';
import type { Sample } from '#contract/sample.js';
import { median } from '#statistics/median.js';
import { eventCostOf, eventCount, type CostSources } from './event-costs.js';
import type { RatioEvidence } from './judging.js';
import { metricValue } from './metric-values.js';
import { logRatiosOf, type Cell, type RunIndex } from './pairs.js';
import { hasOneBuild, movedOf, processorRatio } from './second-opinion.js';

/** Inputs of a comparison row. */
export interface RowSources extends CostSources {
  readonly metric: string;
  /** The known builds of the job. */
  readonly builds: readonly Pick<Build, 'side' | 'variant' | 'binaryDigest'>[];
  /** Runs that have the metric's values. */
  readonly valued: RunIndex;
}

/** A row without a verdict and the evidence for its verdict; null for the baseline's own row. */
export interface EstimatedRow {
  readonly row: ComparisonRow;
  readonly evidence: RatioEvidence | null;
}

/**
 * Estimates one cell of the overhead matrix.
 * @param reference The baseline's cell; null for the baseline's own row.
 * @returns null if the cell has no runs.
 */
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
    minimumDetectableRatio: null,
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

/**
 * Returns the median event count of runs that all count events, rounded down; exact beyond 2^53.
 */
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

/** Returns the sum of the values that are not null; null if all are. */
function sum(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0
    ? null
    : known.reduce((total, value) => total + BigInt(value), 0n).toString();
}
