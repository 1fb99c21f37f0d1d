import type { Bootstrap } from './bca-bootstrap.js';
import { random, randomInteger } from './random.js';

/** How many resamples are drawn. */
export const RESAMPLES = 10_000;
/** Fixed, so that the same samples always give the same interval. */
export const BOOTSTRAP_SEED = 20_240_229;

/**
 * The Walsh averages of n values, ascending. Where value k occurs c times, average (xᵢ + xⱼ)/2 occurs
 * weights[first] · weights[second] times, with weights[k] = c and weights[n + k] = (c + 1)/2 for those of a value with itself.
 */
interface WalshAverages {
  readonly averages: Float64Array;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/**
 * Hodges and Lehmann's pseudo-median: the median of all (xᵢ + xⱼ)/2, i ≤ j. Of a symmetric distribution it is the centre.
 *
 * Source: Hodges and Lehmann, "Estimates of Location Based on Rank Tests", Ann. Math. Stat. 34(2), 1963.
 *
 * @param values n ≥ 1 finite numbers, any order; time and memory grow with n²
 * @returns in the unit of the values
 * @throws RangeError without values, or if one is not finite
 */
export function pseudoMedian(values: readonly number[]): number {
  return weightedPseudoMedian(walshAverages(values), onceEach(values.length), values.length);
}

/**
 * The pseudo-median with its bootstrap: `RESAMPLES` resamples of n values with replacement, and the jackknife.
 *
 * A resample is how often each value was drawn, c. Its Walsh averages are those of the data, (i, j) cᵢcⱼ times and
 * (i, i) cᵢ(cᵢ + 1)/2 times, so the averages are sorted once and a resample is one walk to the middle of the weights.
 *
 * @param values n ≥ 2 finite numbers, any order: equal values, equal result
 * @throws RangeError with fewer than two values, or if one is not finite
 */
export function bootstrapPseudoMedian(values: readonly number[], seed = BOOTSTRAP_SEED): Bootstrap {
  if (values.length < 2) throw new RangeError('a bootstrap needs at least two values');
  const count = values.length;
  const walsh = walshAverages(values);
  const weights = onceEach(count);
  const estimate = weightedPseudoMedian(walsh, weights, count);
  const jackknife = values.map((_, left) => {
    weights[left] = 0; // the average of the value with itself then weighs nothing either
    const result = weightedPseudoMedian(walsh, weights, count - 1);
    weights[left] = 1;
    return result;
  });

  const next = random(seed);
  const resampled = new Float64Array(RESAMPLES);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    for (let value = 0; value < count; value += 1) weights[value] = 0;
    for (let value = 0; value < count; value += 1) weights[randomInteger(next, count)]! += 1;
    for (let value = 0; value < count; value += 1) weights[count + value] = (weights[value]! + 1) / 2;
    resampled[draw] = weightedPseudoMedian(walsh, weights, count);
  }
  return { estimate, resampled: resampled.sort(), jackknife };
}

/** The weights of a sample in which every value occurs once. */
const onceEach = (count: number): Float64Array => new Float64Array(2 * count).fill(1);

function walshAverages(values: readonly number[]): WalshAverages {
  if (values.length === 0) throw new RangeError('the pseudo-median of no values is not defined');
  if (!values.every(Number.isFinite)) throw new RangeError('the pseudo-median needs finite values');
  const sorted = Float64Array.from(values).sort();
  const pairs: [average: number, first: number, second: number][] = [];
  for (let i = 0; i < sorted.length; i += 1) {
    for (let j = i; j < sorted.length; j += 1) pairs.push([(sorted[i]! + sorted[j]!) / 2, i, i === j ? sorted.length + i : j]);
  }
  pairs.sort(([a], [b]) => a - b);
  return {
    averages: Float64Array.from(pairs, ([average]) => average),
    first: Int32Array.from(pairs, ([, first]) => first),
    second: Int32Array.from(pairs, ([, , second]) => second),
  };
}

/** The median of the Walsh averages with these weights, of `drawn` values in all. */
function weightedPseudoMedian({ averages, first, second }: WalshAverages, weights: Float64Array, drawn: number): number {
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
