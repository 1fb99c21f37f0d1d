// SPDX-License-Identifier: GPL-2.0-or-later
/** An interval and its actual confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** In [0, 1]; below the requested level if the number of values is too small to reach it. */
  readonly confidence: number;
}

/**
 * Returns the exact distribution of Wilcoxon's signed-rank statistic T⁺ under symmetry about 0,
 * without ties.
 *
 * By dynamic programming over the ranks: after rank r, P_r(t) = (P_{r-1}(t) + P_{r-1}(t - r)) / 2.
 *
 * @param count number of values, n ≥ 0
 * @returns P(T⁺ = t) for t = 0 … n(n+1)/2
 */
export function signedRankProbabilities(count: number): Float64Array {
  const total = (count * (count + 1)) / 2;
  const probabilities = new Float64Array(total + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    reached += rank;
    for (let value = reached; value >= 0; value -= 1) {
      probabilities[value] =
        (probabilities[value]! + (value >= rank ? probabilities[value - rank]! : 0)) / 2;
    }
  }
  return probabilities;
}

/**
 * Returns the exact confidence interval for the centre of a symmetric distribution, by inverting
 * Wilcoxon's signed-rank test.
 *
 * With the Walsh averages (xᵢ + xⱼ)/2, i ≤ j, in ascending order W₁ … W_M, M = n(n+1)/2, the
 * interval is [W_k, W_{M+1-k}] for the largest k with P(T⁺ ≤ k - 1) ≤ (1 - confidence)/2. It is the
 * narrowest such interval with at least the requested level. Its level is 1 - 2 P(T⁺ ≤ k - 1); with
 * six values, 1 - 2/64 = 0.96875. With fewer than six values no interval reaches 95 %; then k = 1,
 * and `confidence` is lower.
 *
 * Source: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd ed., section 3.3
 * (Tukey's interval).
 *
 * @param values n ≥ 1 finite numbers; time and memory are proportional to n², so use it for tens of
 *   values
 * @param confidence requested level, in (0, 1)
 * @returns the interval, in the unit of the values
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function signedRankInterval(values: readonly number[], confidence = 0.95): Interval {
  if (values.length === 0) throw new RangeError('an interval needs values');
  if (!values.every(Number.isFinite)) throw new RangeError('an interval needs finite values');

  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let filled = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = i; j < values.length; j += 1) {
      averages[filled] = (values[i]! + values[j]!) / 2;
      filled += 1;
    }
  }
  averages.sort();

  const probabilities = signedRankProbabilities(values.length);
  const limit = (1 - confidence) / 2;
  let k = 1;
  let tail = probabilities[0]!;
  while (k < averages.length / 2 && tail + probabilities[k]! <= limit) {
    tail += probabilities[k]!;
    k += 1;
  }
  return {
    low: averages[k - 1]!,
    high: averages[averages.length - k]!,
    confidence: Math.max(0, 1 - 2 * tail),
  };
}
