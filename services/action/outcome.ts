// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison } from '#contract/comparison.js';
import { findingsOf, type Findings } from '#contract/findings.js';

/** The overall result of a job's comparisons. */
export interface Outcome extends Findings {
  readonly maxRegression: number | null;
  /**
   * Minimum detectable effect of a fixed number of blocks: the smallest change that every
   * comparison would have found. Without a base, variants are compared with the baseline.
   */
  readonly minimumDetectableEffect: number | null;
  readonly advisory: boolean;
  readonly advisoryReasons: readonly string[];
}

export function outcomeOf(comparisons: readonly Comparison[]): Outcome {
  const { findings, ...overall } = findingsOf(comparisons);
  const compared =
    findings.length > 0
      ? findings.map(({ row }) => row)
      : comparisons.flatMap(({ rows }) => rows.filter(({ ratio }) => ratio !== null));
  const detectable = compared.map(({ minimumDetectableRatio }) => minimumDetectableRatio);
  return {
    ...overall,
    findings,
    maxRegression:
      findings.length === 0 ? null : Math.max(...findings.map(({ worseBy }) => worseBy)),
    minimumDetectableEffect:
      detectable.length === 0 || detectable.includes(null)
        ? null
        : Math.max(...detectable.map((ratio) => ratio! - 1)),
    advisory: comparisons.some(({ advisory }) => advisory),
    advisoryReasons: [...new Set(comparisons.flatMap(({ advisoryReasons }) => advisoryReasons))],
  };
}
