// SPDX-License-Identifier: GPL-2.0-or-later
import type { Direction, RatioInterval, Verdict } from '#contract/comparison.js';
import { decide, lastLook } from '#statistics/sequential-decision.js';
import { evidencePValue } from '#statistics/sign-evidence.js';
import { signEstimate, type SignEstimate } from '#statistics/sign-sequence.js';
import {
  minimumDetectableRatio,
  estimateCentre,
  estimateRatio,
} from '#statistics/ratio-estimate.js';
import { verdictOf } from '#statistics/verdict.js';
import { SIGNIFICANCE } from '#contract/constants.js';

/** The evidence of a comparison's log ratios, before all comparisons are adjusted together. */
export interface RatioEvidence {
  readonly values: readonly number[];
  readonly interval: RatioInterval;
  readonly pValue: number;
  readonly logSd: number | null;
}

/** The inputs of a verdict besides the evidence. */
interface Judgement {
  readonly adjustedP: number;
  readonly threshold: number;
  readonly direction: Direction;
  /** Number of comparisons made together. */
  readonly comparisons: number;
}

/** A rule that turns blocks into intervals and verdicts. */
export interface Judge {
  /** Returns null before an interval exists. */
  estimate(values: readonly number[], threshold: number): RatioEvidence | null;
  verdict(evidence: RatioEvidence, judgement: Judgement): Verdict;
  /** Returns the smallest ratio above 1 found with 80 % power (MDE); null if it does not apply. */
  detectable(evidence: RatioEvidence, comparisons: number): number | null;
  /** Returns the median and its interval, in the unit of the values; null before it exists. */
  centre(values: readonly number[]): (SignEstimate & { readonly confidence: number }) | null;
}

/** Judges a number of blocks that was fixed beforehand. */
export const fixedBlocks: Judge = {
  estimate: (values) => ({ values, ...estimateRatio(values) }),
  verdict: ({ interval }, { adjustedP, threshold, direction }) =>
    verdictOf(interval, adjustedP, { threshold, direction }),
  detectable: minimumDetectableRatio,
  centre(values) {
    const { centre, low, high, confidence } = estimateCentre(values);
    return { value: centre, low, high, confidence };
  },
};

/** Judges blocks that are measured until decided; its verdicts hold whenever measuring stops. */
export const untilDecided: Judge = {
  estimate(values, threshold) {
    const estimate = signEstimate(values);
    if (estimate === null) return null;
    return {
      values,
      interval: {
        ratio: Math.exp(estimate.value),
        low: Math.exp(estimate.low),
        high: Math.exp(estimate.high),
        confidence: 1 - SIGNIFICANCE,
        method: 'sign-sequence',
        blocks: values.length,
      },
      pValue: evidencePValue(values, threshold),
      logSd: null,
    };
  },
  verdict({ values }, { adjustedP, threshold, direction, comparisons }) {
    const seen = values.slice(0, lastLook(values.length));
    const worse = direction === 'smaller-is-better' ? seen : seen.map((value) => -value);
    // With several comparisons a difference is decided by its p value, adjusted over all of them.
    const verdict = decide(worse, threshold, adjustedP <= SIGNIFICANCE ? 1 : comparisons);
    return verdict ?? 'inconclusive';
  },
  detectable: () => null,
  centre(values) {
    const estimate = signEstimate(values);
    return estimate === null ? null : { ...estimate, confidence: 1 - SIGNIFICANCE };
  },
};
