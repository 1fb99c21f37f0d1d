import type { RatioInterval } from '../contract/comparison.js';
import { bcaMedianInterval } from './bca-bootstrap.js';
import { median } from './median.js';
import { signedRankInterval } from './signed-rank-interval.js';

/** From so many blocks on the bootstrap is used; below, the exact signed-rank interval. */
export const BOOTSTRAP_FROM_BLOCKS = 10;

/**
 * How many times as much the candidate takes as the baseline, with a 95 % interval.
 *
 * The effect is exp(median of log(candidateᵢ / baselineᵢ)) over the blocks i: pairs of one block met the same state
 * of the machine. Logarithms make a ratio and its inverse equally far from 1. The interval is that of the log ratios,
 * raised again: exact signed-rank below ten blocks, BCa bootstrap of the median from ten on.
 *
 * @param candidate one positive number per block, any unit
 * @param baseline the same blocks in the same order, in the same unit
 * @returns the ratio (no unit); `confidence` is the level really reached
 * @throws RangeError if the lengths differ, are 0, or a value is not positive and finite
 */
export function ratioInterval(candidate: readonly number[], baseline: readonly number[]): RatioInterval {
  if (candidate.length !== baseline.length) {
    throw new RangeError(`blocks do not pair up: ${candidate.length} of the candidate, ${baseline.length} of the baseline`);
  }
  if (![...candidate, ...baseline].every((value) => Number.isFinite(value) && value > 0)) {
    throw new RangeError('a ratio needs positive, finite values');
  }
  const logRatios = candidate.map((value, block) => Math.log(value / baseline[block]!));
  const exact = logRatios.length < BOOTSTRAP_FROM_BLOCKS;
  const ratio = Math.exp(median(logRatios));
  const interval = exact ? signedRankInterval(logRatios) : bcaMedianInterval(logRatios);
  return {
    ratio,
    low: Math.exp(interval.low),
    high: Math.exp(interval.high),
    confidence: interval.confidence,
    method: exact ? 'signed-rank' : 'bca-bootstrap',
    blocks: logRatios.length,
  };
}
