// SPDX-License-Identifier: GPL-2.0-or-later
import type { Direction, RatioInterval, Verdict } from '#contract/comparison.js';
import { SIGNIFICANCE } from '#contract/constants.js';

/** Default threshold: differences up to 2 % are irrelevant unless a job sets another one. */
const PRACTICAL_THRESHOLD = 0.02;
/** Lowest confidence of an interval that can decide a verdict. */
const VERDICT_CONFIDENCE = 0.95;

/** The rule of a verdict. */
export interface VerdictRule {
  /** d > 0; 0.02 is 2 %. Ratios from 1/(1 + d) to 1 + d are equal for practical purposes. */
  readonly threshold: number;
  readonly direction: Direction;
}

/**
 * Returns the verdict of an interval and its p value, adjusted for all comparisons made together.
 *
 * A ratio above 1 is worse; for a larger-is-better metric the ratio is inverted first.
 *  - regression: the interval lies above 1 + d, and the adjusted p is ≤ 5 %;
 *  - improvement: the interval lies below 1/(1 + d), and the adjusted p is ≤ 5 %;
 *  - no-change: the interval lies within [1/(1 + d), 1 + d], significant or not;
 *  - inconclusive: everything else, and every interval with less than 95 % confidence (fewer than
 *    six blocks).
 * The band is symmetric in logarithms, so exchanging the two sides exactly exchanges regression and
 * improvement.
 *
 * @throws {RangeError} The threshold is not positive or the p value is not in [0, 1].
 */
export function verdictOf(
  interval: Pick<RatioInterval, 'low' | 'high' | 'confidence'>,
  adjustedP: number,
  { threshold, direction }: VerdictRule = {
    threshold: PRACTICAL_THRESHOLD,
    direction: 'smaller-is-better',
  },
): Verdict {
  if (!(threshold > 0 && Number.isFinite(threshold)))
    throw new RangeError(`expected a positive threshold, not ${threshold}`);
  if (!(adjustedP >= 0 && adjustedP <= 1))
    throw new RangeError(`expected a p value in [0, 1], not ${adjustedP}`);
  if (!(interval.confidence >= VERDICT_CONFIDENCE)) return 'inconclusive';

  const { low, high } =
    direction === 'smaller-is-better'
      ? interval
      : { low: 1 / interval.high, high: 1 / interval.low };
  const upper = 1 + threshold;
  const lower = 1 / upper;
  if (low > upper) return adjustedP <= SIGNIFICANCE ? 'regression' : 'inconclusive';
  if (high < lower) return adjustedP <= SIGNIFICANCE ? 'improvement' : 'inconclusive';
  return low >= lower && high <= upper ? 'no-change' : 'inconclusive';
}
