// SPDX-License-Identifier: GPL-2.0-or-later
import { SIGNIFICANCE } from '#contract/constants.js';
import { noncentralStudentCdf, studentQuantile } from './student-t.js';

/**
 * Returns the sample standard deviation, √(Σ(xᵢ - x̄)² / (n - 1)), in the unit of the values.
 *
 * @param values n ≥ 2 finite numbers
 * @throws {RangeError} There are fewer than two values.
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) throw new RangeError('a standard deviation needs at least two values');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  );
}

/**
 * Returns the probability that the two-sided t test of n values detects a centre that lies `effect`
 * away from 0.
 *
 * P(|T| > t_{1-α/2, n-1}) of the noncentral t with n - 1 degrees of freedom and δ = effect √n / sd.
 *
 * @param effect in the unit of `sd`
 * @param sd standard deviation of the values, positive
 * @param count n ≥ 2
 */
export function power(effect: number, sd: number, count: number, alpha = SIGNIFICANCE): number {
  const critical = studentQuantile(1 - alpha / 2, count - 1);
  const noncentrality = (Math.abs(effect) * Math.sqrt(count)) / sd;
  return (
    1 -
    noncentralStudentCdf(critical, count - 1, noncentrality) +
    noncentralStudentCdf(-critical, count - 1, noncentrality)
  );
}

/**
 * Returns the smallest effect for which `power` reaches `targetPower` with n blocks.
 *
 * It states the sensitivity of the measurement, independent of its outcome. The comparison uses the
 * signed-rank test and the bootstrap. For normal values these need about 5 % more blocks than the t
 * test of this formula (asymptotic efficiency 3/π).
 *
 * Source: Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 2 (one
 * sample, noncentral t).
 *
 * @param sd standard deviation of the per-block log ratios, ≥ 0
 * @param count number of blocks, n ≥ 2
 * @returns a log ratio ≥ 0; exp of it is the ratio. 0.01 is nearly 1 %
 * @throws {RangeError} There are fewer than two blocks or the sd is negative or not finite.
 */
export function minimumDetectableEffect(
  sd: number,
  count: number,
  targetPower = 0.8,
  alpha = SIGNIFICANCE,
): number {
  if (!(count >= 2)) throw new RangeError('a minimum detectable effect needs at least two blocks');
  if (!(sd >= 0 && Number.isFinite(sd)))
    throw new RangeError(`expected a standard deviation, not ${sd}`);
  const key = `${count} ${targetPower} ${alpha}`;
  let factor = factors.get(key);
  if (factor === undefined) factors.set(key, (factor = detectableInSds(count, targetPower, alpha)));
  return sd * factor;
}

/**
 * Returns the fewest blocks with which a single difference among m comparisons can be significant,
 * however large it is.
 *
 * Benjamini and Hochberg multiply the smallest p value by the number of comparisons, and the exact
 * p of n blocks is at least 2/2ⁿ: the smallest n with 2/2ⁿ ≤ α/m.
 *
 * @param comparisons m ≥ 1 simultaneous comparisons
 */
export function fewestBlocks(comparisons: number, alpha = SIGNIFICANCE): number {
  let blocks = 1;
  while (2 / 2 ** blocks > alpha / comparisons) blocks += 1;
  return blocks;
}

/** Cached results of `detectableInSds`: a job needs the same few repeatedly. */
const factors = new Map<string, number>();

/** Returns the effect detected with the requested power if the sd is 1, by bisection. */
function detectableInSds(count: number, targetPower: number, alpha: number): number {
  let low = 0;
  let high = 1;
  while (power(high, 1, count, alpha) < targetPower) high *= 2;
  for (let step = 0; step < 32; step += 1) {
    const middle = (low + high) / 2;
    if (power(middle, 1, count, alpha) < targetPower) low = middle;
    else high = middle;
  }
  return high;
}
