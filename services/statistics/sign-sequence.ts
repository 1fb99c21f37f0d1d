// SPDX-License-Identifier: GPL-2.0-or-later
import { logBeta } from './incomplete-beta.js';
import { medianOfSorted } from './median.js';

/** a of the Beta(a, a) mixture over the alternatives: 10 is sharpest around 50 to 400 values. */
export const MIXTURE = 10;
/** 1 - the confidence that holds for all lengths of the sequence together. */
const ERROR = 0.05;

/** A centre with its interval, in the unit of the values. */
export interface SignEstimate {
  /** The median. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Returns the rank r of the confidence sequence of signs: [x₍r₎, x₍n+1-r₎] contains the centre at
 * all n at once, with 95 % confidence.
 *
 * If the centre is c, a value lies below c like a toss of a fair coin. The likelihood ratio of the
 * Beta(a, a) mixture of coins, with a = 10, over the fair coin is a martingale of mean 1 in n. With
 * S values below c:
 *
 *     log M(S) = ln B(a + S, a + n - S) - ln B(a, a) + n ln 2
 *
 * By Ville's inequality M ever reaches 20 with a probability of at most 1/20. So r is 1 + the
 * largest S < n/2 with M(S) ≥ 20. The interval holds for every stopping rule, and for values added
 * later.
 *
 * Sources: Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Ann. Math.
 * Stat. 41(5), 1970; Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, Nonparametric, Nonasymptotic
 * Confidence Sequences", Ann. Stat. 49(2), 2021.
 *
 * @param count n, an integer from 0
 * @returns 0 before an interval exists (n < 15)
 * @throws {RangeError} N is not an integer from 0.
 */
export function signRank(count: number): number {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`expected a number of values, not ${count}`);
  let rank = ranks.get(count);
  if (rank === undefined) ranks.set(count, (rank = rankOf(count)));
  return rank;
}

/**
 * Returns the interval of the confidence sequence of signs: [x₍r₎, x₍n+1-r₎] with r =
 * `signRank`(n).
 *
 * @param values finite numbers, any order, any unit
 * @returns in the unit of the values; null before an interval exists
 * @throws {RangeError} A value is not finite.
 */
export function signInterval(
  values: readonly number[],
): { readonly low: number; readonly high: number } | null {
  const estimate = signEstimate(values);
  return estimate && { low: estimate.low, high: estimate.high };
}

/** Returns the median with its `signInterval`; null before an interval exists. */
export function signEstimate(values: readonly number[]): SignEstimate | null {
  if (!values.every(Number.isFinite)) throw new RangeError('an interval needs finite values');
  const rank = signRank(values.length);
  if (rank === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return {
    value: medianOfSorted(sorted),
    low: sorted[rank - 1]!,
    high: sorted[sorted.length - rank]!,
  };
}

/** Cached results of `rankOf`: a job needs the same ones at every look. */
const ranks = new Map<number, number>();

/** Finds the first S with M(S) < 20 by bisection, as M decreases up to S = n/2. */
function rankOf(count: number): number {
  let low = 0;
  let high = Math.ceil(count / 2);
  while (low < high) {
    const below = (low + high) >> 1;
    if (logMixture(below, count) >= -Math.log(ERROR)) low = below + 1;
    else high = below;
  }
  return low;
}

/**
 * Returns log M(S) of `signRank`: the log likelihood ratio of S in n signs under the mixture and
 * under a fair coin.
 */
export function logMixture(signs: number, count: number): number {
  return (
    logBeta(MIXTURE + signs, MIXTURE + count - signs) - logBeta(MIXTURE, MIXTURE) + count * Math.LN2
  );
}
