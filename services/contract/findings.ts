// SPDX-License-Identifier: GPL-2.0-or-later
import type { ChangeRow, JobComparison, SideRow, Verdict } from './comparison.js';

/**
 * A finding of a job. This file defines findings once for everything that acts on verdicts: the
 * worker that confirms, the gate of the Action, comments, JUnit, badges, the command.
 *
 * A finding compares head with base, for a variant or for its overhead. The cost of a variant over
 * the baseline is information that a job wants: it has a verdict of its own and never fails the
 * job. A job without a base has no findings.
 */
export interface Finding {
  readonly metric: string;
  readonly unit: string;
  readonly about: 'variant' | 'overhead';
  readonly row: SideRow | ChangeRow;
  /** Relative worsening: 0.03 is 3 % worse, a negative value is better. */
  readonly worseBy: number;
}

/**
 * Returns the metrics that produce findings: wall time, and every metric that a threshold names.
 */
export function findingMetrics(
  thresholds: readonly { readonly metric?: string | undefined }[],
): string[] {
  return [...new Set(['wallNs', ...thresholds.flatMap(({ metric }) => metric ?? [])])];
}

/** Returns the findings of one comparison: variants first, then overheads. */
export function findingsOfComparison({
  metric,
  unit,
  direction,
  sides,
  changes,
}: Pick<JobComparison, 'metric' | 'unit' | 'direction' | 'sides' | 'changes'>): Finding[] {
  const worse = ({ ratio: { ratio } }: ChangeRow) =>
    (direction === 'smaller-is-better' ? ratio : 1 / ratio) - 1;
  return [
    ...sides.map((row) => ({ metric, unit, about: 'variant' as const, row, worseBy: worse(row) })),
    ...changes.map((row) => ({
      metric,
      unit,
      about: 'overhead' as const,
      row,
      worseBy: worse(row),
    })),
  ];
}

/**
 * Explains in a sentence why the minimum detectable effect is unknown: with this number of blocks,
 * a single difference among the comparisons cannot become significant. Null if it can, and without
 * a comparison.
 */
export function tooFewBlocks({
  rows,
  sides,
  changes,
  comparisons,
  fewestBlocks,
}: Pick<JobComparison, 'rows' | 'sides' | 'changes' | 'comparisons' | 'fewestBlocks'>):
  string | null {
  const blocks = Math.min(
    ...[...rows, ...sides, ...changes].flatMap(({ ratio }) => ratio?.blocks ?? []),
  );
  if (comparisons === 0 || blocks >= fewestBlocks) return null;
  const difference =
    comparisons === 1 ? 'a difference' : `a single difference among ${comparisons} comparisons`;
  return (
    `${blocks} ${blocks === 1 ? 'block' : 'blocks'} cannot detect ${difference}, ` +
    `however large it is: that takes at least ${fewestBlocks}.`
  );
}

/** Returns the verdict of a finding; an incomplete comparison counts as inconclusive. */
export function verdictOfFinding({ row }: Pick<Finding, 'row'>): Verdict {
  return row.verdict ?? 'inconclusive';
}

/** Worst first. An open comparison weighs more than an improvement. */
const ORDER: readonly Verdict[] = [
  'regression',
  'inconclusive',
  'improvement',
  'no-change',
  'same-binary',
];

/** Findings of a job's comparisons, one comparison per metric with findings. */
export interface Findings {
  readonly verdict: Verdict | 'not-compared';
  readonly findings: readonly Finding[];
  /**
   * Metrics without a comparison although a base was measured: values are missing or not positive,
   * or there are too few blocks for an interval. They count as inconclusive, because missing data
   * is not good news.
   */
  readonly missingMetrics: readonly string[];
}

/** Collects the findings of a job's comparisons and their overall verdict. */
export function findingsOf(
  comparisons: readonly (Parameters<typeof findingsOfComparison>[0] &
    Pick<JobComparison, 'rows'>)[],
): Findings {
  const findings = comparisons.flatMap(findingsOfComparison);
  const base =
    findings.length > 0 || comparisons.some(({ rows }) => rows.some(({ side }) => side === 'base'));
  const missingMetrics = comparisons
    .filter((comparison) => base && findingsOfComparison(comparison).length === 0)
    .map(({ metric }) => metric);
  const verdicts = [
    ...findings.map(verdictOfFinding),
    ...missingMetrics.map(() => 'inconclusive' as const),
  ];
  return {
    verdict: ORDER.find((verdict) => verdicts.includes(verdict)) ?? 'not-compared',
    findings,
    missingMetrics,
  };
}

/** Choices for the verdicts of head against base that fail the caller. */
export const FAIL_ON = ['regression', 'inconclusive', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Returns whether a verdict should fail the caller under `failOn`. Advisory verdicts never do. */
export function stops(
  verdict: Verdict | 'not-compared',
  { failOn, advisory }: { readonly failOn: FailOn; readonly advisory: boolean },
): boolean {
  if (advisory || failOn === 'never') return false;
  return verdict === 'regression' || (failOn === 'inconclusive' && verdict === 'inconclusive');
}
