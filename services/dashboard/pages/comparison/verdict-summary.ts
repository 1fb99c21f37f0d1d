// SPDX-License-Identifier: GPL-2.0-or-later
import type {
  ChangeRow,
  Comparison,
  ComparisonRow,
  RatioInterval,
  Verdict,
} from '#contract/comparison.js';
import { findingsOfComparison } from '#contract/findings.js';
import { spanWords } from '#contract/verdict-words.js';
import { groupsOf } from '../../format/groups.js';
import { change, percent, ratio as ratioText } from '../../format/numbers.js';

/** One verdict of a comparison, with the rows that have it. */
export interface Statement {
  /** Null while measuring goes on. */
  readonly verdict: Verdict | null;
  /** The verdict in words. */
  readonly what: string;
  readonly cases: readonly string[];
}

const ORDER: readonly (Verdict | null)[] = [
  'regression',
  'improvement',
  'inconclusive',
  null,
  'no-change',
  'same-binary',
];

/** Returns the result of a comparison in one line. */
export function title(comparison: Comparison): string {
  const { sides, rows, same, baseline } = comparison;
  const findings = findingsOfComparison(comparison).map(({ row }) => row);
  if (rows.length === 0) return 'No complete block yet';
  if (findings.length === 0) {
    const others = rows.filter((row) => row.ratio !== null);
    if (others.length === 0)
      return rows.some((row) => row.variant !== baseline)
        ? `No ratio to ${baseline}: values are missing or zero`
        : `Only ${baseline} was measured: nothing to compare it with`;
    return costTitle(others, comparison);
  }
  if (same) {
    const alarms = sides.filter(
      ({ verdict, suspected }) =>
        suspected || verdict === 'regression' || verdict === 'improvement',
    ).length;
    return alarms === 0
      ? `Head against itself: no false alarm in ${count(sides.length, 'comparison')}`
      : `Head against itself: ${count(alarms, 'false alarm')} in ${count(sides.length, 'comparison')}`;
  }
  if (findings.every(({ verdict, suspected }) => verdict === 'inconclusive' && !suspected))
    return `Head against base: ${spanWords(findings.map(({ ratio }) => ratio))}`;
  return `Head against base: ${tally(findings)}`;
}

function costTitle(
  rows: readonly ComparisonRow[],
  { baseline, metric, direction, unit }: Comparison,
): string {
  const worst = Math.max(...rows.map((row) => badness(row.ratio!, direction)));
  const row = rows.find((candidate) => badness(candidate.ratio!, direction) === worst)!;
  if (row.verdict === 'regression') {
    const times = ratioText(row.ratio!.ratio);
    return unit === 'ns' && metric === 'wallNs'
      ? `${row.variant} takes ${times} times as long as ${baseline}`
      : `${row.variant} has ${times} times the ${metric} of ${baseline}`;
  }
  if (rows.every(({ verdict }) => verdict === 'no-change')) return `No difference from ${baseline}`;
  const open = rows.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length > 0) {
    const names = [...new Set(open.map(({ variant }) => variant))];
    return `${names.join(', ')} over ${baseline}: ${spanWords(open.map(({ ratio }) => ratio!))}`;
  }
  return `No variant is worse than ${baseline}`;
}

function badness({ ratio }: RatioInterval, direction: Comparison['direction']): number {
  return direction === 'smaller-is-better' ? ratio : 1 / ratio;
}

/** Returns the number of rows per verdict in words, for comparisons of head with base. */
export function tally(rows: readonly ChangeRow[]): string {
  const suspected = rows.filter((row) => row.suspected).length;
  const counted = rows.filter((row) => !row.suspected);
  const countOf = (verdict: Verdict | null) =>
    counted.filter((row) => row.verdict === verdict).length;
  const parts = [
    [countOf('regression'), countOf('regression') === 1 ? 'regression' : 'regressions'],
    [suspected, 'suspected'],
    [countOf('improvement'), countOf('improvement') === 1 ? 'improvement' : 'improvements'],
    [countOf('inconclusive'), 'not decided'],
    [countOf('no-change'), 'no change'],
    [countOf('same-binary'), 'same binary'],
    [countOf(null), 'open'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}

/**
 * Returns the rows of each verdict: comparisons of head with base, or without a base the overheads.
 */
export function verdictSummary(comparison: Comparison): Statement[] {
  const { rows, baseline, metric } = comparison;
  const findings = findingsOfComparison(comparison);
  const several = new Set(rows.map(({ workload }) => workload)).size > 1;
  const time = metric === 'wallNs';
  const titles: Record<Verdict, string> = {
    'no-change': findings.length > 0 ? 'No change' : 'No difference',
    inconclusive: 'Not decided',
    'same-binary': 'Same binary',
    ...(findings.length > 0
      ? { regression: 'Regression', improvement: 'Improvement' }
      : {
          regression: time ? `Slower than ${baseline}` : `Worse than ${baseline}`,
          improvement: time ? `Faster than ${baseline}` : `Better than ${baseline}`,
        }),
  };
  const cases =
    findings.length > 0
      ? findings.map(({ about, row }) => ({
          ...row,
          name: about === 'overhead' ? `overhead of ${row.variant}` : row.variant,
        }))
      : rows.filter((row) => row.ratio !== null).map((row) => ({ ...row, name: row.variant }));
  return ORDER.flatMap((verdict) => {
    const matching = cases.filter((row) => row.verdict === verdict && row.ratio !== null);
    if (matching.length === 0) return [];
    const texts = [...groupsOf(matching, ({ name }) => name)].map(
      ([name, group]) =>
        `${name} ${wordsOf(
          verdict,
          group.map((row) => row.ratio!),
        )}${several ? ` (${group.length === 1 ? group[0]!.workload : count(group.length, 'workload')})` : ''}`,
    );
    return [{ verdict, what: verdict === null ? 'Open' : titles[verdict], cases: texts }];
  });
}

/** Explanation of the minimum detectable effect (MDE), as a title. */
export const MDE_TITLE =
  'Minimum detectable effect: the smallest that these blocks detect four times out of five';

/**
 * Returns the minimum detectable effect of a fixed number of blocks, as a range if comparisons
 * differ in it. Null without any.
 */
export function detectable(comparison: Comparison): string | null {
  const findings = findingsOfComparison(comparison).map(({ row }) => row);
  const ratios = (findings.length > 0 ? findings : comparison.rows).flatMap(
    (row) => row.minimumDetectableRatio ?? [],
  );
  if (ratios.length === 0) return null;
  const [least, most] = [percent(Math.min(...ratios) - 1), percent(Math.max(...ratios) - 1)];
  return least === most ? least : `${least} to ${most}`;
}

/**
 * Returns the ratios of a decided verdict; for an undecided one the interval that contains theirs.
 */
function wordsOf(verdict: Verdict | null, ratios: readonly RatioInterval[]): string {
  return verdict === null || verdict === 'inconclusive' ? spanWords(ratios) : span(ratios);
}

function span(ratios: readonly RatioInterval[]): string {
  const values = ratios.map(({ ratio }) => ratio);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length === 1 ? change(low) : `${change(low)} to ${change(high)}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
