// SPDX-License-Identifier: GPL-2.0-or-later
import { signedRankProbabilities } from './signed-rank-interval.js';

/**
 * Returns the two-sided p value of Wilcoxon's signed-rank test that a symmetric distribution is
 * centred at 0, by its exact distribution.
 *
 * The statistic is counted in Walsh averages: T⁺ is the number of (xᵢ + xⱼ)/2, i ≤ j, above 0.
 * Averages of exactly 0 (zeros and ties among |x|) count for the side that makes p larger. So p ≤ α
 * exactly if `signedRankInterval` of a level of at least 1 - α excludes 0, even with ties. Without
 * ties it is the textbook p value.
 *
 * Source: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd ed., sections 3.1 and
 * 3.3.
 *
 * @param values n ≥ 1 finite numbers
 * @returns in (0, 1]; at least 2/2ⁿ
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function signedRankPValue(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('a test needs values');
  if (!values.every(Number.isFinite)) throw new RangeError('a test needs finite values');
  let notAbove = 0;
  let notBelow = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = i; j < values.length; j += 1) {
      const average = (values[i]! + values[j]!) / 2;
      if (average <= 0) notAbove += 1;
      if (average >= 0) notBelow += 1;
    }
  }
  const probabilities = signedRankProbabilities(values.length);
  let tail = 0;
  for (let value = 0; value <= Math.min(notAbove, notBelow); value += 1)
    tail += probabilities[value] ?? 0;
  return Math.min(1, 2 * tail);
}
