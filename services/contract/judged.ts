import type { ChangeRow, JobComparison, SideRow, Verdict } from './comparison.js';

/**
 * What of a job is judged, said once for everybody who passes judgement: the worker that confirms, the gate of the
 * Action, comments, JUnit, badges, the command.
 *
 * A finding is about head against base, of a variant or of its overhead. What a variant costs over the baseline is what
 * a job wants to know: it has a verdict of its own, and fails nothing. A job without a base has no findings.
 */
export interface Judged {
  readonly metric: string;
  readonly unit: string;
  readonly about: 'variant' | 'overhead';
  readonly row: SideRow | ChangeRow;
  /** By how much it is worse: 0.03 is 3 %; below 0 it is better. */
  readonly worseBy: number;
}

/** Metrics that are judged: wall time, and whatever a threshold names. */
export function judgedMetrics(
  thresholds: readonly { readonly metric?: string | undefined }[],
): string[] {
  return [...new Set(['wallNs', ...thresholds.flatMap(({ metric }) => metric ?? [])])];
}

/** What is judged of one comparison: variants first, then overheads. */
export function judgedOf({
  metric,
  unit,
  direction,
  sides,
  changes,
}: Pick<JobComparison, 'metric' | 'unit' | 'direction' | 'sides' | 'changes'>): Judged[] {
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
 * Why there is no detectable effect, as a sentence: so few blocks cannot call a single difference one among so many
 * comparisons; null where they can, and without a comparison.
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
  const among =
    comparisons === 1
      ? 'no difference'
      : `no difference that stands alone among ${comparisons} comparisons`;
  return `${blocks} ${blocks === 1 ? 'block finds' : 'blocks find'} ${among}, however large it is: that takes ${fewestBlocks}.`;
}

/** A verdict that counts: what is not complete says nothing yet. */
export function verdictOfJudged({ row }: Pick<Judged, 'row'>): Verdict {
  return row.verdict ?? 'inconclusive';
}

/** Worst first. What is open weighs more than good news. */
const ORDER: readonly Verdict[] = [
  'regression',
  'inconclusive',
  'improvement',
  'no-change',
  'same-binary',
];

/** What the comparisons of a job say together, one per metric that is judged. */
export interface Findings {
  readonly verdict: Verdict | 'not-compared';
  readonly judged: readonly Judged[];
  /** Metrics of which nothing is compared though a base was measured: no value, one that is not positive, or too few blocks for an interval. Silence is no good news, so they count as inconclusive. */
  readonly silent: readonly string[];
}

export function findingsOf(
  comparisons: readonly (Parameters<typeof judgedOf>[0] & Pick<JobComparison, 'rows'>)[],
): Findings {
  const judged = comparisons.flatMap(judgedOf);
  const base =
    judged.length > 0 || comparisons.some(({ rows }) => rows.some(({ side }) => side === 'base'));
  const silent = comparisons
    .filter((comparison) => base && judgedOf(comparison).length === 0)
    .map(({ metric }) => metric);
  const verdicts = [...judged.map(verdictOfJudged), ...silent.map(() => 'inconclusive' as const)];
  return {
    verdict: ORDER.find((verdict) => verdicts.includes(verdict)) ?? 'not-compared',
    judged,
    silent,
  };
}

/** Which verdicts of head against base stop somebody. */
export const FAIL_ON = ['regression', 'inconclusive', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Whether a verdict stops whoever waits for it; advisory ones stop nobody. */
export function stops(
  verdict: Verdict | 'not-compared',
  { failOn, advisory }: { readonly failOn: FailOn; readonly advisory: boolean },
): boolean {
  if (advisory || failOn === 'never') return false;
  return verdict === 'regression' || (failOn === 'inconclusive' && verdict === 'inconclusive');
}
