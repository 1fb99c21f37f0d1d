import type { Direction, RatioInterval, Verdict } from '../contract/comparison.js';
import { decide, lastLook } from '../statistics/sequential-decision.js';
import { evidencePValue } from '../statistics/sign-evidence.js';
import { signEstimate, type SignEstimate } from '../statistics/sign-sequence.js';
import { detectableRatio, estimateCentre, estimateRatio } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import { SIGNIFICANCE } from '../contract/plain.js';

/** What the log ratios of a comparison say, before all comparisons are adjusted together. */
export interface RatioEvidence {
  readonly values: readonly number[];
  readonly interval: RatioInterval;
  readonly pValue: number;
  readonly logSd: number | null;
}

/** What a verdict is given on. */
export interface Judgement {
  readonly adjustedP: number;
  readonly threshold: number;
  readonly direction: Direction;
  /** How many comparisons are made together. */
  readonly comparisons: number;
}

/** How blocks become intervals and verdicts. */
export interface Judge {
  /** Null while there is no interval. */
  estimate(values: readonly number[], threshold: number): RatioEvidence | null;
  verdict(evidence: RatioEvidence, judgement: Judgement): Verdict;
  /** Smallest ratio above 1 that is found four times of five; null where that is no question. */
  detectable(evidence: RatioEvidence, comparisons: number): number | null;
  /** A median with its interval, in the unit of the values; null while there is no interval. */
  centre(values: readonly number[]): (SignEstimate & { readonly confidence: number }) | null;
}

/** Of a number of blocks that was fixed beforehand. */
export const fixedBlocks: Judge = {
  estimate: (values) => ({ values, ...estimateRatio(values) }),
  verdict: ({ interval }, { adjustedP, threshold, direction }) =>
    verdictOf(interval, adjustedP, { threshold, direction }),
  detectable: detectableRatio,
  centre(values) {
    const { centre, low, high, confidence } = estimateCentre(values);
    return { value: centre, low, high, confidence };
  },
};

/** Of blocks that are measured until something is decided: holds whenever measuring stops. */
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
    // A difference among several is decided by its p value, which all of them adjust together.
    const verdict = decide(worse, threshold, adjustedP <= SIGNIFICANCE ? 1 : comparisons);
    return verdict ?? 'inconclusive';
  },
  detectable: () => null,
  centre(values) {
    const estimate = signEstimate(values);
    return estimate === null ? null : { ...estimate, confidence: 1 - SIGNIFICANCE };
  },
};
