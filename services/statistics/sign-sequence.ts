import { logBeta } from './incomplete-beta.js';
import { medianOfSorted } from './median.js';

/** a of the Beta(a, a) that weighs the alternatives: 10 is sharpest around 50 to 400 values. */
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
 * Rank r of the confidence sequence of signs: [x₍r₎, x₍n+1-r₎] holds the centre at every n at once, with 95 %.
 *
 * If the centre is c, a value lies below c as a fair coin falls. The mixture of all coins by Beta(a, a), with a = 10,
 * over the fair one is a martingale of mean 1 in n, with S values below:
 *
 *     log M(S) = ln B(a + S, a + n - S) - ln B(a, a) + n ln 2
 *
 * By Ville's inequality M ever reaches 20 with a probability of at most 1/20. So r is 1 + the largest S < n/2 with
 * M(S) ≥ 20. The interval holds for every rule of stopping, and for values that are added later.
 *
 * Sources: Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Ann. Math. Stat. 41(5), 1970;
 * Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, Nonparametric, Nonasymptotic Confidence Sequences", Ann. Stat.
 * 49(2), 2021.
 *
 * @param count n, an integer from 0
 * @returns 0 where no interval exists yet (n < 15)
 * @throws RangeError if n is not such an integer
 */
export function signRank(count: number): number {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`a number of values, not ${count}`);
  let rank = ranks.get(count);
  if (rank === undefined) ranks.set(count, (rank = rankOf(count)));
  return rank;
}

/**
 * The interval of the confidence sequence of signs: [x₍r₎, x₍n+1-r₎] with r = `signRank`(n).
 *
 * @param values finite numbers, any order, any unit
 * @returns in the unit of the values; null where no interval exists yet
 * @throws RangeError if a value is not finite
 */
export function signInterval(
  values: readonly number[],
): { readonly low: number; readonly high: number } | null {
  const estimate = signEstimate(values);
  return estimate && { low: estimate.low, high: estimate.high };
}

/** The median with its `signInterval`. */
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

/** Results of `rankOf`: a job asks for the same ones at every look. */
const ranks = new Map<number, number>();

/** M falls as S grows up to n/2, so the first S with M(S) < 20 is found by halving. */
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

/** log M(S) of `signRank`: how many times likelier S of n signs are under the mixture than under a fair coin. */
export function logMixture(signs: number, count: number): number {
  return (
    logBeta(MIXTURE + signs, MIXTURE + count - signs) - logBeta(MIXTURE, MIXTURE) + count * Math.LN2
  );
}
