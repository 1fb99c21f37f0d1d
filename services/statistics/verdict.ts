import type { Direction, RatioInterval, Verdict } from '../contract/comparison.js';
import { SIGNIFICANCE } from '../contract/plain.js';

/** Differences up to 2 % are not worth anybody's time, unless a job says otherwise. */
export const PRACTICAL_THRESHOLD = 0.02;
/** An interval of a lower level decides nothing. */
export const VERDICT_CONFIDENCE = 0.95;

/** What a verdict is given on. */
export interface VerdictRule {
  /** d > 0; 0.02 is 2 %: ratios from 1/(1 + d) to 1 + d are the same for practical purposes. */
  readonly threshold: number;
  readonly direction: Direction;
}

/**
 * What an interval and its p value, adjusted for all comparisons made together, say.
 *
 * With the ratio taken so that above 1 is worse (inverted for a metric that should be large):
 *  - regression: the interval lies above 1 + d, and the adjusted p is ≤ 5 %;
 *  - improvement: the interval lies below 1/(1 + d), and the adjusted p is ≤ 5 %;
 *  - no-change: the interval lies within [1/(1 + d), 1 + d], significant or not;
 *  - inconclusive: everything else, and every interval whose level is below 95 % (fewer than six blocks).
 * The band is symmetric in logarithms, so exchanging the two sides exchanges regression and improvement, exactly.
 *
 * @throws RangeError if the threshold is not positive or the p value is not in [0, 1]
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
    throw new RangeError(`a positive threshold, not ${threshold}`);
  if (!(adjustedP >= 0 && adjustedP <= 1))
    throw new RangeError(`a p value in [0, 1], not ${adjustedP}`);
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
