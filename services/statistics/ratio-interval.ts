import type { RatioInterval } from '../contract/comparison.js';
import { logRatios } from './log-ratios.js';
import { estimateRatio } from './ratio-estimate.js';

/**
 * How many times as much the candidate takes as the baseline, with a 95 % interval: that of `estimateRatio`.
 *
 * @param candidate one positive number per block, any unit
 * @param baseline the same blocks in the same order, in the same unit
 * @returns the ratio (no unit); `confidence` is the level really reached
 * @throws RangeError if the lengths differ, are 0, or a value is not positive and finite
 */
export function ratioInterval(candidate: readonly number[], baseline: readonly number[]): RatioInterval {
  return estimateRatio(logRatios(candidate, baseline)).interval;
}
