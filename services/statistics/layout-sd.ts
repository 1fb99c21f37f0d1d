// SPDX-License-Identifier: GPL-2.0-or-later
import { median } from './median.js';

/** Fewest pairs of links from which a spread is estimated. */
const FEWEST_LINK_PAIRS = 4;
/** Fewest values per pair of links: two for each half. */
const FEWEST_VALUES = 4;

/**
 * Estimates the standard deviation σ_L of layout: how much the log time of a build depends on its
 * link order.
 *
 * The values of a link pair k are its layout L_B - L_A, of variance 2σ_L², plus noise. They are
 * dealt alternately into two halves. The centres of the two halves share the layout but not the
 * noise, so over all link pairs their covariance is 2σ_L², for any distribution of the noise.
 * Centres are medians, which ignore slow runs.
 *
 * The estimate is coarse with few values: with 16 link pairs of 20 values each, noise of 5 % and
 * σ_L of 1.6 %, eight of ten estimates lie between 0.8 and 2.1 %; with 4 values each, between 0 and
 * 3.6 %.
 *
 * Source of the model: Searle, Casella, McCulloch, Variance Components, 1992, section 3.5 (one way,
 * random).
 *
 * @param linkPairs the log ratios of an A/A comparison, one list per pair of links, in the order of
 *   blocks; lists of fewer than 4 values are ignored
 * @returns a log ratio ≥ 0, 0.016 is 1.6 %; null with fewer than 4 such lists
 * @throws {RangeError} A value is not finite.
 */
export function layoutSd(linkPairs: readonly (readonly number[])[]): number | null {
  const halves = linkPairs
    .filter((values) => values.length >= FEWEST_VALUES)
    .map((values) => [0, 1].map((half) => median(values.filter((_, turn) => turn % 2 === half))));
  if (halves.length < FEWEST_LINK_PAIRS) return null;
  const [firstMean, secondMean] = [0, 1].map(
    (half) => halves.reduce((sum, centres) => sum + centres[half]!, 0) / halves.length,
  );
  const covariance =
    halves.reduce(
      (sum, [first, second]) => sum + (first! - firstMean!) * (second! - secondMean!),
      0,
    ) /
    (halves.length - 1);
  return Math.sqrt(Math.max(0, covariance) / 2);
}
