import type { ChangeRow, Comparison, SideRow, Verdict } from '../contract/comparison.js';

/** What is judged: a variant's figures, or its overhead, of head against base. */
export interface Judged {
  readonly metric: string;
  readonly unit: string;
  readonly about: 'variant' | 'overhead';
  readonly row: SideRow | ChangeRow;
  /** By how much it is worse: 0.03 is 3 %; below 0 it is better. */
  readonly worseBy: number;
}

/** What the comparisons of a job say together. */
export interface Outcome {
  readonly verdict: Verdict | 'not-compared';
  readonly maxRegression: number | null;
  /** The smallest slowdown that every comparison would have found. */
  readonly detectableEffect: number | null;
  readonly advisory: boolean;
  readonly advisoryReasons: readonly string[];
  readonly judged: readonly Judged[];
}

/** Worst first. What is open weighs more than good news. */
const ORDER: readonly Verdict[] = ['regression', 'inconclusive', 'improvement', 'no-change'];

export function outcomeOf(comparisons: readonly Comparison[]): Outcome {
  const judged = comparisons.flatMap(judgedOf);
  const verdicts = judged.map(({ row }) => row.verdict ?? 'inconclusive');
  const detectable = judged.map(({ row }) => row.detectableRatio);
  return {
    verdict: ORDER.find((verdict) => verdicts.includes(verdict)) ?? 'not-compared',
    maxRegression: judged.length === 0 ? null : Math.max(...judged.map(({ worseBy }) => worseBy)),
    detectableEffect: detectable.length === 0 || detectable.includes(null) ? null : Math.max(...detectable.map((ratio) => ratio! - 1)),
    advisory: comparisons.some(({ advisory }) => advisory),
    advisoryReasons: [...new Set(comparisons.flatMap(({ advisoryReasons }) => advisoryReasons))],
    judged,
  };
}

function judgedOf({ metric, unit, direction, sides, changes }: Comparison): Judged[] {
  const worse = ({ ratio: { ratio } }: ChangeRow) => (direction === 'smaller-is-better' ? ratio : 1 / ratio) - 1;
  return [
    ...sides.map((row) => ({ metric, unit, about: 'variant' as const, row, worseBy: worse(row) })),
    ...changes.map((row) => ({ metric, unit, about: 'overhead' as const, row, worseBy: worse(row) })),
  ];
}

/** Metrics that are judged: wall time, and what the job file has a threshold for. */
export function judgedMetrics(thresholds: readonly { readonly metric?: string | undefined }[]): string[] {
  return [...new Set(['wallNs', ...thresholds.flatMap(({ metric }) => metric ?? [])])];
}
