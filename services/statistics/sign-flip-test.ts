import { random } from './random.js';

/** Up to so many values every pattern of signs is counted; above, so many random ones are drawn. */
export const EXACT_UP_TO = 30;
export const RANDOM_PATTERNS = 99_999;

/**
 * Two-sided p value of the sign-flip (one-sample permutation) test of the mean, under symmetry about 0.
 *
 * The share of the 2ⁿ patterns of signs s with |Σ sᵢ|xᵢ|| ≥ |Σ xᵢ|. Up to `EXACT_UP_TO` values it is counted exactly:
 * the sums of either half of the values are sorted and matched, 2^{n/2} of them. Above, patterns are drawn with a
 * fixed seed, and p = (1 + those as far out) / (1 + drawn).
 *
 * In a block whose order was random, two equal variants could have been exchanged, which flips the sign of the log
 * ratio: for A/A the symmetry is not assumed but made.
 *
 * Sources: Fisher, The Design of Experiments, 1935, section 21; Horowitz and Sahni, "Computing Partitions with
 * Applications to the Knapsack Problem", J. ACM 21(2), 1974, for the halves.
 *
 * @param values n ≥ 1 finite numbers
 * @returns in (0, 1]; at least 2/2ⁿ where exact and not all are 0
 * @throws RangeError without values, or if one is not finite
 */
export function signFlipPValue(values: readonly number[], seed = 1): number {
  if (values.length === 0) throw new RangeError('a test needs values');
  if (!values.every(Number.isFinite)) throw new RangeError('a test needs finite values');
  const sizes = values.map(Math.abs);
  // Sums of the same numbers in another order differ by rounding; those count as equal.
  const slack = 1e-12 * sizes.reduce((sum, size) => sum + size, 0);
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0)) - slack;
  if (observed <= 0) return 1;
  return values.length <= EXACT_UP_TO
    ? exactShare(sizes, observed)
    : randomShare(sizes, observed, seed);
}

/** The share of sign patterns whose sum is at least `least` > 0, or at most -least. */
function exactShare(sizes: readonly number[], least: number): number {
  const half = sizes.length >> 1;
  const left = signedSums(sizes.slice(0, half));
  const right = signedSums(sizes.slice(half));
  let found = 0;
  let from = right.length; // right[from …] are those with left + right ≥ least; the start moves down as left grows
  for (const sum of left) {
    while (from > 0 && sum + right[from - 1]! >= least) from -= 1;
    found += right.length - from;
  }
  return Math.min(1, (2 * found) / 2 ** sizes.length); // by symmetry as many at or below -least
}

/** Σ ± sizes over all patterns of signs, ascending. */
function signedSums(sizes: readonly number[]): Float64Array {
  let sums = Float64Array.of(0);
  for (const size of sizes) {
    const longer = new Float64Array(2 * sums.length);
    sums.forEach((sum, index) => {
      longer[index] = sum - size;
      longer[sums.length + index] = sum + size;
    });
    sums = longer;
  }
  return sums.sort();
}

function randomShare(sizes: readonly number[], least: number, seed: number): number {
  const next = random(seed);
  let found = 0;
  for (let pattern = 0; pattern < RANDOM_PATTERNS; pattern += 1) {
    let sum = 0;
    for (const size of sizes) sum += next() < 0.5 ? -size : size;
    if (Math.abs(sum) >= least) found += 1;
  }
  return (1 + found) / (1 + RANDOM_PATTERNS);
}
