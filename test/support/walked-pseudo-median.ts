// SPDX-License-Identifier: GPL-2.0-or-later
import type { Bootstrap } from '#statistics/bca-bootstrap.js';
import { BOOTSTRAP_SEED, RESAMPLES } from '#statistics/pseudo-median.js';
import { random, randomInteger } from '#statistics/random.js';

/**
 * Computes `bootstrapPseudoMedian` the plain way: every resample walks the sorted Walsh averages
 * from the first to the middle of the weights.
 */
export function walkedBootstrap(values: readonly number[], seed = BOOTSTRAP_SEED): Bootstrap {
  const count = values.length;
  const walsh = walshAverages(values);
  const weights = new Float64Array(2 * count).fill(1);
  const estimate = walkedMiddle(walsh, weights, count);
  const jackknife = values.map((_, left) => {
    weights[left] = 0;
    const result = walkedMiddle(walsh, weights, count - 1);
    weights[left] = 1;
    return result;
  });
  const next = random(seed);
  const resampled = new Float64Array(RESAMPLES);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    for (let value = 0; value < count; value += 1) weights[value] = 0;
    for (let value = 0; value < count; value += 1) weights[randomInteger(next, count)]! += 1;
    for (let value = 0; value < count; value += 1)
      weights[count + value] = (weights[value]! + 1) / 2;
    resampled[draw] = walkedMiddle(walsh, weights, count);
  }
  return { estimate, resampled: resampled.sort(), jackknife };
}

type Pairs = {
  readonly averages: Float64Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
};

function walshAverages(values: readonly number[]): Pairs {
  const sorted = Float64Array.from(values).sort();
  const pairs: [average: number, first: number, second: number][] = [];
  for (let i = 0; i < sorted.length; i += 1) {
    for (let j = i; j < sorted.length; j += 1)
      pairs.push([(sorted[i]! + sorted[j]!) / 2, i, i === j ? sorted.length + i : j]);
  }
  pairs.sort(([a], [b]) => a - b);
  return {
    averages: Float64Array.from(pairs, ([average]) => average),
    first: Int32Array.from(pairs, ([, first]) => first),
    second: Int32Array.from(pairs, ([, , second]) => second),
  };
}

function walkedMiddle(
  { averages, first, second }: Pairs,
  weights: Float64Array,
  drawn: number,
): number {
  const total = (drawn * (drawn + 1)) / 2;
  const lowerMiddle = (total - 1) >> 1;
  const upperMiddle = total >> 1;
  let passed = 0;
  let place = -1;
  while (passed <= lowerMiddle) {
    place += 1;
    passed += weights[first[place]!]! * weights[second[place]!]!;
  }
  const lower = averages[place]!;
  while (passed <= upperMiddle) {
    place += 1;
    passed += weights[first[place]!]! * weights[second[place]!]!;
  }
  return (lower + averages[place]!) / 2;
}
