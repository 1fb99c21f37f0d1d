import type { RatioInterval } from '../contract/comparison.js';
import { SIGNIFICANCE } from '../contract/plain.js';
import { bcaInterval, bcaPValue } from './bca-bootstrap.js';
import { median } from './median.js';
import {
  fewestBlocks,
  minimumDetectableEffect,
  standardDeviation,
} from './minimum-detectable-effect.js';
import { bootstrapPseudoMedian, pseudoMedian } from './pseudo-median.js';
import { signedRankInterval, type Interval } from './signed-rank-interval.js';
import { signedRankPValue } from './signed-rank-test.js';

/** From so many blocks on the bootstrap is used; below, the exact signed-rank interval. */
export const BOOTSTRAP_FROM_BLOCKS = 10;

/** What blocks say about a ratio. */
export interface RatioEstimate {
  readonly interval: RatioInterval;
  /** Two-sided, that the ratio is 1; ≤ α exactly where an interval of level 1 - α leaves out 1. Not adjusted. */
  readonly pValue: number;
  /** Standard deviation of the per-block log ratios; null with one block. */
  readonly logSd: number | null;
}

/**
 * A ratio with interval, p value and spread, from the log ratios of the blocks: exp of their centre.
 *
 * @param values per-block log ratios, n ≥ 1 finite numbers
 * @throws RangeError without values, or if one is not finite
 */
export function estimateRatio(values: readonly number[]): RatioEstimate {
  const { centre, low, high, confidence, method, pValue } = estimateCentre(values);
  const logSd = values.length < 2 ? null : standardDeviation(values);
  return {
    interval: {
      ratio: Math.exp(centre),
      low: Math.exp(low),
      high: Math.exp(high),
      confidence,
      method,
      blocks: values.length,
    },
    pValue,
    logSd,
  };
}

/**
 * The smallest ratio above 1 (its inverse below 1) that the blocks of an estimate find with 80 % power, if it is the
 * only one that differs among the comparisons made together: then its p value must be ≤ 5 % divided by their number.
 *
 * @param comparisons m ≥ 1
 * @returns null where so few blocks cannot call such a difference one, however large (`fewestBlocks`)
 */
export function detectableRatio(
  { logSd, interval: { blocks } }: Pick<RatioEstimate, 'logSd' | 'interval'>,
  comparisons: number,
): number | null {
  if (logSd === null || blocks < fewestBlocks(comparisons)) return null;
  return Math.exp(minimumDetectableEffect(logSd, blocks, undefined, SIGNIFICANCE / comparisons));
}

/** A median and its interval, in the unit of the values. */
export interface CentreEstimate extends Interval {
  readonly centre: number;
  readonly method: RatioInterval['method'];
  /** Two-sided, that the centre is 0. */
  readonly pValue: number;
}

/**
 * The median of what blocks say, with interval and p value.
 *
 * The interval is that of the pseudo-median: below ten blocks by inverting the exact signed-rank test, from ten on by
 * BCa bootstrap with a fixed seed. In the rare case that the median lies outside of it, the interval is stretched to
 * hold the median, so that figure and interval never contradict each other. The p value is the same method's. Where 0
 * lies beyond every resample the bootstrap cannot say how small p is; then it is the exact signed-rank p, if that is
 * smaller.
 *
 * @param values one per block, n ≥ 1 finite numbers
 * @throws RangeError without values, or if one is not finite
 */
export function estimateCentre(values: readonly number[]): CentreEstimate {
  const exact = values.length < BOOTSTRAP_FROM_BLOCKS;
  const centre = median(values);
  const { pseudo, interval, pValue } = exact ? bySignedRanks(values) : byBootstrap(values);
  return {
    centre,
    low: Math.min(interval.low, centre),
    high: Math.max(interval.high, centre),
    confidence: interval.confidence,
    method: exact ? 'signed-rank' : 'bca-bootstrap',
    // Stretched to a median on the other side of 0, intervals of every level hold 0.
    pValue: centre * pseudo > 0 ? pValue : 1,
  };
}

interface Evidence {
  /** The pseudo-median. */
  readonly pseudo: number;
  readonly interval: Interval;
  readonly pValue: number;
}

function bySignedRanks(values: readonly number[]): Evidence {
  return {
    pseudo: pseudoMedian(values),
    interval: signedRankInterval(values),
    pValue: signedRankPValue(values),
  };
}

function byBootstrap(values: readonly number[]): Evidence {
  const bootstrap = bootstrapPseudoMedian(values);
  const { pValue, resolved } = bcaPValue(bootstrap);
  return {
    pseudo: bootstrap.estimate,
    interval: bcaInterval(bootstrap),
    pValue: resolved ? pValue : Math.min(pValue, signedRankPValue(values)),
  };
}
