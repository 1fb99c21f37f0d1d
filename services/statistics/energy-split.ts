// SPDX-License-Identifier: GPL-2.0-or-later
const { abs } = Math;

/** The best cut of a series into two parts. */
export interface Split {
  /** Index of the first value after the cut. */
  readonly index: number;
  /** Q of the cut; larger is a clearer change. */
  readonly statistic: number;
}

/**
 * Returns the cut τ of a series, and the end κ of the part right of it, that maximise the energy
 * statistic
 *
 *   Q(τ, κ) = nm/(n+m) · [ 2/(nm) Σᵢⱼ|xᵢ - yⱼ|
 *             - 2/(n(n-1)) Σ_{i<k}|xᵢ - x_k| - 2/(m(m-1)) Σ_{j<k}|yⱼ - y_k| ]
 *
 * with x = values[0 … τ-1] (n of them) and y = values[τ … κ-1] (m). κ may lie before the series'
 * end, so that a later change back does not hide the first. Both sides have at least `minLength`
 * values.
 *
 * With D(a, b) the sum of distances within values[a … b-1] and s = n + m this is 2/s · [ D(0, κ) -
 * (s - 1) (D(0, τ)/(n - 1) + D(τ, κ)/(m - 1)) ]. When κ grows by one value, D(τ, κ) grows by the
 * distances of that value, for all τ in one pass: O(T²) time and O(T) memory.
 *
 * Source: Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
 * Multivariate Data", J. Am. Stat. Assoc. 109, 2014, section 2, with α = 1.
 *
 * @param values a segment: finite numbers, any unit
 * @param minLength at least 2
 * @returns null if the segment is shorter than two minimum lengths
 */
export function bestSplit(values: Float64Array, minLength: number): Split | null {
  const { length } = values;
  if (length < 2 * minLength) return null;
  const within = new Float64Array(length + 1); // D(t, κ) for the latest κ
  const leftShare = new Float64Array(length + 2); // D(0, t) / (t - 1)
  const inverse = Float64Array.from({ length: length + 1 }, (_, count) => 1 / (count - 1));
  let index = -1;
  let best = -Infinity;
  const consider = (size: number, all: number, apart: number, cut: number): void => {
    const statistic = (2 * (all - (size - 1) * apart)) / size;
    if (statistic > best) {
      best = statistic;
      index = cut;
    }
  };
  // Two values at a time, κ = k + 1 and κ = k + 2: the sums of the two do not wait for each other.
  for (let k = 1; k < length; k += 2) {
    const first = values[k]!;
    const hasSecond = k + 1 < length;
    const second = hasSecond ? values[k + 1]! : first;
    // the largest cut with minLength values right of it for κ = k + 1
    const last = k + 1 - minLength;
    let toFirst = 0;
    let toSecond = abs(first - second);
    within[k] = toSecond;
    let t = k - 1;
    for (; t > last; t -= 1) {
      toFirst += abs(values[t]! - first);
      toSecond += abs(values[t]! - second);
      within[t]! += toFirst + toSecond;
    }
    let leastFirst = Infinity;
    let cutFirst = -1;
    let leastSecond = Infinity;
    let cutSecond = last + 1;
    if (cutSecond >= minLength)
      leastSecond = leftShare[cutSecond]! + within[cutSecond]! * inverse[minLength]!;
    for (; t >= minLength; t -= 1) {
      toFirst += abs(values[t]! - first);
      toSecond += abs(values[t]! - second);
      const insideFirst = within[t]! + toFirst;
      const insideSecond = insideFirst + toSecond;
      within[t] = insideSecond;
      const apartFirst = leftShare[t]! + insideFirst * inverse[k + 1 - t]!;
      if (apartFirst < leastFirst) {
        leastFirst = apartFirst;
        cutFirst = t;
      }
      const apartSecond = leftShare[t]! + insideSecond * inverse[k + 2 - t]!;
      if (apartSecond < leastSecond) {
        leastSecond = apartSecond;
        cutSecond = t;
      }
    }
    for (; t >= 0; t -= 1) {
      toFirst += abs(values[t]! - first);
      toSecond += abs(values[t]! - second);
      within[t]! += toFirst + toSecond;
    }
    const all = within[0]!;
    leftShare[k + 1] = (all - toSecond) * inverse[k + 1]!;
    leftShare[k + 2] = all * (inverse[k + 2] ?? 0);
    consider(k + 1, all - toSecond, leastFirst, cutFirst);
    if (hasSecond) consider(k + 2, all, leastSecond, cutSecond);
  }
  return { index, statistic: best };
}
