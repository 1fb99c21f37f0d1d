// SPDX-License-Identifier: GPL-2.0-or-later
import type { RatioInterval } from '#contract/comparison.js';
import { SIGNIFICANCE } from '#contract/constants.js';
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
import { walshEstimate } from './walsh-interval.js';

/** Most values for each method; more use an interval between Walsh averages. */
export interface MethodLimits {
  /** Exact signed ranks. */
  readonly exact: number;
  /** BCa bootstrap, from `exact` + 1 values on. */
  readonly bootstrap: number;
}

/** Jobs have at most 200 blocks, so they always get an exact interval or a bootstrap. */
export const DEFAULT_METHODS: MethodLimits = { exact: 9, bootstrap: 200 };
/** For thousands of estimates: a bootstrap takes 20 ms or more, these a fraction of one. */
export const QUICK_METHODS: MethodLimits = { exact: 50, bootstrap: 0 };

/** A ratio as estimated from blocks. */
export interface RatioEstimate {
  readonly interval: RatioInterval;
  /**
   * Two-sided, of the hypothesis that the ratio is 1; ≤ α exactly if the interval of level 1 - α
   * excludes 1. Not adjusted.
   */
  readonly pValue: number;
  /** Standard deviation of the per-block log ratios; null with one block. */
  readonly logSd: number | null;
}

/**
 * Estimates a ratio with interval, p value and spread, from the log ratios of the blocks. The ratio
 * is exp of their centre.
 *
 * @param values per-block log ratios, n ≥ 1 finite numbers
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function estimateRatio(values: readonly number[], methods = DEFAULT_METHODS): RatioEstimate {
  const { centre, low, high, confidence, method, pValue } = estimateCentre(values, methods);
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
 * Returns the minimum detectable effect as a ratio above 1 (its inverse applies below 1): the
 * smallest ratio that the blocks of an estimate find with 80 % power. It assumes that only one of
 * the comparisons made together differs, so its p value must be ≤ 5 % divided by their number.
 *
 * @param comparisons m ≥ 1
 * @returns null with too few blocks to find such a difference, however large (`fewestBlocks`)
 */
export function minimumDetectableRatio(
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
  /** Two-sided, of the hypothesis that the centre is 0. */
  readonly pValue: number;
}

/**
 * Returns the median of the blocks' values, with interval and p value.
 *
 * The interval is the pseudo-median's. Below ten blocks it comes from inverting the exact
 * signed-rank test, up to 200 from a BCa bootstrap with a fixed seed, and above from the spread of
 * the Walsh averages, which needs O(n log n) time. In the rare case that the
 * median lies outside the interval, the interval is extended to contain it, so that figure and
 * interval never contradict each other. The p value comes from the same method. If 0 lies beyond
 * every resample, the bootstrap cannot resolve p; then p is the exact signed-rank p, if that is
 * smaller.
 *
 * @param values one per block, n ≥ 1 finite numbers
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function estimateCentre(
  values: readonly number[],
  methods = DEFAULT_METHODS,
): CentreEstimate {
  const centre = median(values);
  const { method, pseudo, interval, pValue } = evidenceOf(values, methods);
  return {
    centre,
    low: Math.min(interval.low, centre),
    high: Math.max(interval.high, centre),
    confidence: interval.confidence,
    method,
    // If the interval was extended to a median beyond 0, intervals of every level contain 0.
    pValue: centre * pseudo > 0 ? pValue : 1,
  };
}

interface Evidence {
  readonly method: RatioInterval['method'];
  /** The pseudo-median. */
  readonly pseudo: number;
  readonly interval: Interval;
  readonly pValue: number;
}

function evidenceOf(values: readonly number[], { exact, bootstrap }: MethodLimits): Evidence {
  if (values.length <= exact) return bySignedRanks(values);
  if (values.length <= bootstrap) return byBootstrap(values);
  const { estimate, interval, pValue } = walshEstimate(values);
  return { method: 'walsh-averages', pseudo: estimate, interval, pValue };
}

function bySignedRanks(values: readonly number[]): Evidence {
  return {
    method: 'signed-rank',
    pseudo: pseudoMedian(values),
    interval: signedRankInterval(values),
    pValue: signedRankPValue(values),
  };
}

function byBootstrap(values: readonly number[]): Evidence {
  const bootstrap = bootstrapPseudoMedian(values);
  const { pValue, resolved } = bcaPValue(bootstrap);
  return {
    method: 'bca-bootstrap',
    pseudo: bootstrap.estimate,
    interval: bcaInterval(bootstrap),
    pValue: resolved ? pValue : Math.min(pValue, signedRankPValue(values)),
  };
}
