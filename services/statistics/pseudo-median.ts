// SPDX-License-Identifier: GPL-2.0-or-later
import type { Bootstrap } from './bca-bootstrap.js';
import { random, randomInteger } from './random.js';
import { WalshAverages } from './walsh-averages.js';
import { WalshSelection } from './walsh-selection.js';

/** Number of resamples. */
export const RESAMPLES = 10_000;
/** Fixed, so that the same samples always give the same interval. */
export const BOOTSTRAP_SEED = 20_240_229;

/**
 * Returns Hodges and Lehmann's pseudo-median: the median of all (xᵢ + xⱼ)/2, i ≤ j. It is the
 * centre of a symmetric distribution.
 *
 * Source: Hodges and Lehmann, "Estimates of Location Based on Rank Tests", Ann. Math. Stat. 34(2),
 * 1963.
 *
 * @param values n ≥ 1 finite numbers, any order; time is proportional to n log n, memory to n
 * @returns in the unit of the values
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function pseudoMedian(values: readonly number[]): number {
  check(values);
  return new WalshSelection(values).middle();
}

/**
 * Returns the pseudo-median with its bootstrap: `RESAMPLES` resamples of n values with replacement,
 * and the jackknife.
 *
 * A resample is stored as the number of times that each value was drawn. So all resamples use the
 * data's Walsh averages, which are sorted once.
 *
 * @param values n ≥ 2 finite numbers, any order; equal values give an equal result; time and memory
 *   for the averages are proportional to n², so use it for tens or hundreds of values
 * @throws {RangeError} There are fewer than two values, or one is not finite.
 */
export function bootstrapPseudoMedian(values: readonly number[], seed = BOOTSTRAP_SEED): Bootstrap {
  if (values.length < 2) throw new RangeError('a bootstrap needs at least two values');
  const count = values.length;
  check(values);
  const walsh = new WalshAverages(values);
  const { occurrences } = walsh;
  const estimate = walsh.middle();
  const jackknife = values.map((_, left) => {
    occurrences[left] = 0;
    const result = walsh.middle();
    occurrences[left] = 1;
    return result;
  });

  const next = random(seed);
  const resampled = new Float64Array(RESAMPLES);
  for (let draw = 0; draw < RESAMPLES; draw += 1) {
    occurrences.fill(0);
    for (let value = 0; value < count; value += 1) occurrences[randomInteger(next, count)]! += 1;
    resampled[draw] = walsh.middle();
  }
  return { estimate, resampled: resampled.sort(), jackknife };
}

function check(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('the pseudo-median of no values is not defined');
  if (!values.every(Number.isFinite)) throw new RangeError('the pseudo-median needs finite values');
}
