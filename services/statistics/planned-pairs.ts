// SPDX-License-Identifier: GPL-2.0-or-later
import { fewestPairs, nextLook } from './sequential-decision.js';

/**
 * Half the width of the sequence's interval, in standard errors of the median, around 100 pairs.
 */
const WIDTH = 3.05;
/** Standard error of the median times √n, over the standard deviation: √(π/2) of normal noise. */
const MEDIAN_ERROR = 1.25;
/** Half the interval's width at which "no change" is usually decided, relative to the threshold. */
const NO_CHANGE_SHARE = 0.85;
/**
 * Half the interval's width at which a difference is usually decided, relative to the distance of
 * the effect from the threshold.
 */
const DIFFERENCE_SHARE = 0.8;

/**
 * Estimates the number of pairs after which a comparison of two equal builds is decided "no
 * change".
 *
 * n ≈ (3.05 · 1.25 σ / h)² with h = 0.85 threshold, rounded up to a look. This is the median over
 * jobs; a tenth of them takes two to three times as long.
 *
 * Source: simulation on resampled runs, test/fixtures/noise.
 *
 * @param noiseSd `robustSd` of the log ratios of pairs
 * @param threshold d > 0; 0.02 is 2 %
 */
export function pairsForNoChange(noiseSd: number, threshold: number): number {
  return nextLook(pairsForHalfWidth(noiseSd, NO_CHANGE_SHARE * threshold));
}

/**
 * Estimates the number of pairs after which an effect beyond the threshold is decided.
 *
 * As `pairsForNoChange` with h = 0.8 (|log(1 + effect)| - log(1 + threshold)), and never fewer than
 * `fewestPairs`.
 *
 * @param noiseSd `robustSd` of the log ratios of pairs
 * @param threshold d > 0; 0.02 is 2 %
 * @param effect 0.05 for 5 % slower
 * @param comparisons m ≥ 1 simultaneous comparisons
 * @returns Infinity for an effect within the threshold, which is never decided as a difference
 */
export function pairsForEffect(
  noiseSd: number,
  threshold: number,
  effect: number,
  comparisons = 1,
): number {
  const beyond = Math.abs(Math.log1p(effect)) - Math.log1p(threshold);
  if (!(beyond > 0)) return Infinity;
  const pairs = pairsForHalfWidth(noiseSd, DIFFERENCE_SHARE * beyond);
  return nextLook(Math.max(pairs, fewestPairs(comparisons)));
}

function pairsForHalfWidth(noiseSd: number, halfWidth: number): number {
  return Math.ceil(((WIDTH * MEDIAN_ERROR * noiseSd) / halfWidth) ** 2);
}
