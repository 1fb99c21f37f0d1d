import type { Bootstrap } from './bca-bootstrap.js';
import { random, randomInteger } from './random.js';

/** How many resamples are drawn. */
export const RESAMPLES = 10_000;
/** Fixed, so that the same samples always give the same interval. */
export const BOOTSTRAP_SEED = 20_240_229;

/** The Walsh averages of n values, ascending, with the places i ≤ j of the two values of each. */
interface WalshAverages {
  readonly averages: Float64Array;
  readonly i: Int32Array;
  readonly j: Int32Array;
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
  return weightedPseudoMedian(walshAverages(values), new Int32Array(values.length).fill(1), values.length);
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
  const counts = new Int32Array(count).fill(1);
  const estimate = weightedPseudoMedian(walsh, counts, count);
  const jackknife = values.map((_, left) => {
    counts[left] = 0;
    const result = weightedPseudoMedian(walsh, counts, count - 1);
    counts[left] = 1;
    return result;
  });

  const next = random(seed);
  const resampled = new Float64Array(RESAMPLES);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    counts.fill(0);
    for (let value = 0; value < count; value += 1) counts[randomInteger(next, count)]! += 1;
    resampled[draw] = weightedPseudoMedian(walsh, counts, count);
  }
  return { estimate, resampled: resampled.sort(), jackknife };
}

function walshAverages(values: readonly number[]): WalshAverages {
  if (values.length === 0) throw new RangeError('the pseudo-median of no values is not defined');
  if (!values.every(Number.isFinite)) throw new RangeError('the pseudo-median needs finite values');
  const sorted = Float64Array.from(values).sort();
  const pairs: [average: number, i: number, j: number][] = [];
  for (let i = 0; i < sorted.length; i += 1) {
    for (let j = i; j < sorted.length; j += 1) pairs.push([(sorted[i]! + sorted[j]!) / 2, i, j]);
  }
  pairs.sort(([a], [b]) => a - b);
  return {
    averages: Float64Array.from(pairs, ([average]) => average),
    i: Int32Array.from(pairs, ([, i]) => i),
    j: Int32Array.from(pairs, ([, , j]) => j),
  };
}

/** The median of the Walsh averages where value i occurs counts[i] times, `drawn` in all. */
function weightedPseudoMedian({ averages, i, j }: WalshAverages, counts: Int32Array, drawn: number): number {
  const total = (drawn * (drawn + 1)) / 2;
  const lowerMiddle = (total - 1) >> 1;
  const upperMiddle = total >> 1;
  let passed = 0;
  let lower = NaN;
  for (let place = 0; ; place += 1) {
    const first = counts[i[place]!]!;
    const second = counts[j[place]!]!;
    passed += i[place] === j[place] ? (first * (first + 1)) / 2 : first * second;
    if (passed > lowerMiddle && Number.isNaN(lower)) lower = averages[place]!;
    if (passed > upperMiddle) return (lower + averages[place]!) / 2;
  }
}
