// SPDX-License-Identifier: GPL-2.0-or-later
import { normalCdf, normalQuantile } from './normal.js';
import type { Interval } from './signed-rank-interval.js';
import { studentCdf, studentQuantile } from './student-t.js';

/** A statistic of n values, and its values over resamples. All in the unit of the values. */
export interface Bootstrap {
  readonly estimate: number;
  /** The statistic of every resample, ascending. */
  readonly resampled: Float64Array;
  /** The statistic without each value in turn: n numbers. */
  readonly jackknife: readonly number[];
}

/** The correction that the bias-corrected and accelerated interval applies to the quantiles. */
interface Correction {
  readonly bias: number;
  readonly acceleration: number;
  /** Degrees of freedom of Student's t, n - 1. */
  readonly degrees: number;
}

/**
 * Returns the bias-corrected and accelerated (BCa) bootstrap interval, with Student's quantiles.
 *
 * The ends are quantiles of the resampled statistic at Φ(z₀ + (z₀ + t) / (1 - a (z₀ + t))), where
 * z₀ is the normal quantile of the share of resampled values below the estimate (ties count half)
 * and a = Σ dᵢ³ / (6 (Σ dᵢ²)^{3/2}) of the jackknife, dᵢ = mean(θ₍.₎) - θ₍ᵢ₎. Efron's t is the
 * normal quantile; that makes intervals of ten to thirty values too narrow. Here it is Student's
 * with n - 1 degrees of freedom: docs/decisions/0010-intervals.md.
 *
 * Sources: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 14.3; Hesterberg,
 * "What Teachers Should Know About the Bootstrap", The American Statistician 69(4), 2015, for the
 * width at small n.
 *
 * @param confidence in (0, 1); BCa is approximate, and the returned level is the requested one
 */
export function bcaInterval(bootstrap: Bootstrap, confidence = 0.95): Interval {
  const correction = correctionOf(bootstrap);
  const end = (tail: number): number => {
    const shifted = correction.bias + studentQuantile(tail, correction.degrees);
    const stretch = 1 - correction.acceleration * shifted;
    const probability =
      stretch > 0 ? normalCdf(correction.bias + shifted / stretch) : Number(shifted > 0);
    return quantileOfSorted(bootstrap.resampled, probability);
  };
  return { low: end((1 - confidence) / 2), high: end((1 + confidence) / 2), confidence };
}

/**
 * Returns the p value of `bcaInterval`: 1 - the level of the narrowest such interval that contains
 * 0.
 *
 * It is ≤ α exactly if the interval of level 1 - α excludes 0.
 *
 * @returns two-sided, in (0, 1]; `resolved` is false if 0 lies beyond every resample. Then the
 *   value is the smallest one that this number of resamples can resolve, and the true p is smaller.
 */
export function bcaPValue(bootstrap: Bootstrap): {
  readonly pValue: number;
  readonly resolved: boolean;
} {
  const { resampled } = bootstrap;
  const correction = correctionOf(bootstrap);
  const floor = 0.5 / resampled.length;
  const beyond = resampled[0]! > 0 || resampled[resampled.length - 1]! < 0;
  // The lower end passes 0 above probability `last`, the upper end below `first`.
  const last = resampled[0]! > 0 ? floor : lastProbability(resampled, 0);
  const first =
    resampled[resampled.length - 1]! < 0
      ? 1 - floor
      : 1 - lastProbability(resampled.map((value) => -value).reverse(), 0);
  const lower = tailOf(last, correction);
  const upper = 1 - tailOf(first, correction);
  return { pValue: Math.min(1, 2 * Math.min(lower, upper)), resolved: !beyond };
}

function correctionOf({ estimate, resampled, jackknife }: Bootstrap): Correction {
  let below = 0;
  let equal = 0;
  while (below < resampled.length && resampled[below]! < estimate) below += 1;
  while (below + equal < resampled.length && resampled[below + equal] === estimate) equal += 1;
  const share = (below + equal / 2) / resampled.length;
  const floor = 0.5 / resampled.length;
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  const squares = jackknife.reduce((sum, value) => sum + (mean - value) ** 2, 0);
  const cubes = jackknife.reduce((sum, value) => sum + (mean - value) ** 3, 0);
  const scale = 6 * squares ** 1.5;
  return {
    bias: normalQuantile(Math.min(Math.max(share, floor), 1 - floor)),
    acceleration: scale > 0 ? cubes / scale : 0,
    degrees: jackknife.length - 1,
  };
}

/**
 * Returns the tail probability whose interval end lies at this probability of the resampled
 * statistic: the inverse of `end` above.
 */
function tailOf(probability: number, { bias, acceleration, degrees }: Correction): number {
  if (probability <= 0 || probability >= 1) return Number(probability >= 1);
  const quantile = normalQuantile(probability) - bias;
  const stretch = 1 + acceleration * quantile;
  if (!(stretch > 0)) return Number(quantile > 0);
  return studentCdf(quantile / stretch - bias, degrees);
}

/** Returns the quantile at a probability, linear between neighbours (Hyndman and Fan's type 7). */
function quantileOfSorted(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const index = Math.floor(place);
  const lower = sorted[index]!;
  const upper = sorted[Math.min(index + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (place - index);
}

/** Returns the largest probability whose quantile is at most the value; 0 without one. */
function lastProbability(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === sorted.length) return 1;
  const before = sorted[low - 1]!;
  return (low - 1 + (value - before) / (sorted[low]! - before)) / (sorted.length - 1);
}
