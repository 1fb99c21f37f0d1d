import { median, medianOfSorted } from './median.js';
import { normalCdf, normalQuantile } from './normal.js';
import { random, randomInteger } from './random.js';
import type { Interval } from './signed-rank-interval.js';

/** How many resamples are drawn. */
export const RESAMPLES = 10_000;
/** Fixed, so that the same samples always give the same interval. */
export const BOOTSTRAP_SEED = 20_240_229;

/**
 * Bias-corrected and accelerated (BCa) bootstrap interval of the median.
 *
 * The interval's ends are quantiles of the resampled medians at Φ(z₀ + (z₀ + z_α) / (1 - a (z₀ + z_α))), where z₀ is
 * the normal quantile of the share of resampled medians below the median (ties count half: the median of a resample
 * often is the median itself) and a = Σ dᵢ³ / (6 (Σ dᵢ²)^{3/2}) of the jackknife, dᵢ = mean(θ₍.₎) - θ₍ᵢ₎.
 *
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 14.3.
 *
 * @param values n ≥ 2 finite numbers, any order
 * @param confidence in (0, 1); BCa is approximate, and the level returned is the one asked for
 * @returns the interval, in the unit of the values
 * @throws RangeError with fewer than two values, or if one is not finite
 */
export function bcaMedianInterval(values: readonly number[], confidence = 0.95, seed = BOOTSTRAP_SEED): Interval {
  if (values.length < 2) throw new RangeError('a bootstrap needs at least two values');
  const estimate = median(values);
  const data = Float64Array.from(values).sort();

  const next = random(seed);
  const medians = new Float64Array(RESAMPLES);
  const resample = new Float64Array(data.length);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    for (let i = 0; i < resample.length; i += 1) resample[i] = data[randomInteger(next, data.length)]!;
    medians[draw] = medianOfSorted(resample.sort());
  }
  medians.sort();

  let below = 0;
  let equal = 0;
  for (const value of medians) {
    if (value < estimate) below += 1;
    else if (value === estimate) equal += 1;
  }
  const share = (below + equal / 2) / RESAMPLES;
  const bias = normalQuantile(Math.min(Math.max(share, 0.5 / RESAMPLES), 1 - 0.5 / RESAMPLES));
  const acceleration = jackknifeAcceleration(data);

  const end = (tail: number): number => {
    const shifted = bias + normalQuantile(tail);
    return quantileOfSorted(medians, normalCdf(bias + shifted / (1 - acceleration * shifted)));
  };
  return { low: end((1 - confidence) / 2), high: end((1 + confidence) / 2), confidence };
}

/** The acceleration a of the median, by leaving out one value after the other; 0 where that changes nothing. */
function jackknifeAcceleration(sorted: Float64Array): number {
  const estimates = Array.from(sorted, (_, left) => medianOfSorted(sorted.filter((__, index) => index !== left)));
  const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
  let squares = 0;
  let cubes = 0;
  for (const value of estimates) {
    const difference = mean - value;
    squares += difference ** 2;
    cubes += difference ** 3;
  }
  const scale = 6 * squares ** 1.5;
  return scale > 0 ? cubes / scale : 0;
}

/** The quantile at a probability, linear between neighbours (Hyndman and Fan's type 7). */
function quantileOfSorted(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const index = Math.floor(place);
  const lower = sorted[index]!;
  const upper = sorted[Math.min(index + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (place - index);
}
