// SPDX-License-Identifier: GPL-2.0-or-later
import type { Verdict } from '#contract/comparison.js';
import { SIGNIFICANCE } from '#contract/constants.js';
import { logEvidence, logEvidenceAbove, logEvidenceBelow } from './sign-evidence.js';

/** Number of blocks before the first look at a comparison. */
export const LOOK_FIRST = 16;
/** Blocks from one look to the next. */
export const LOOK_EVERY = 4;

/** Evidence that decides one side of one comparison: 40, for an error of 2.5 % a side. */
const DECISIVE = 2 / SIGNIFICANCE;

/** Returns the last look at or before this number of blocks: 16, 20, 24, …; 0 before the first. */
export function lastLook(blocks: number): number {
  return blocks < LOOK_FIRST ? 0 : blocks - ((blocks - LOOK_FIRST) % LOOK_EVERY);
}

/** Returns the first look at or after this number of blocks. */
export function nextLook(blocks: number): number {
  const looks = Math.ceil((blocks - LOOK_FIRST) / LOOK_EVERY);
  return LOOK_FIRST + LOOK_EVERY * Math.max(0, looks);
}

/**
 * Returns the decision that the signs of a comparison allow so far, for a smaller-is-better metric.
 *
 * With d = log(1 + threshold) and m simultaneous comparisons:
 *  - regression: E of a centre above d is at least 40 m;
 *  - improvement: E of a centre below -d is at least 40 m;
 *  - no-change: E of a centre below d and E of a centre above -d are both at least 40, for every m.
 * A decided comparison is no longer run. The probability of a wrong verdict is at most 2.5 % at
 * either edge of the band, over all looks together.
 *
 * @param values log ratios of the blocks, head over base, any order
 * @param threshold d > 0; 0.02 is 2 %
 * @param comparisons m ≥ 1
 * @returns null while the comparison is open
 */
export function decide(
  values: readonly number[],
  threshold: number,
  comparisons: number,
): Exclude<Verdict, 'inconclusive'> | null {
  const edge = Math.log1p(threshold);
  const difference = Math.log(DECISIVE * comparisons);
  if (logEvidenceAbove(values, edge) >= difference) return 'regression';
  if (logEvidenceBelow(values, -edge) >= difference) return 'improvement';
  const within = Math.min(logEvidenceBelow(values, edge), logEvidenceAbove(values, -edge));
  return within >= Math.log(DECISIVE) ? 'no-change' : null;
}

/**
 * Returns the fewest pairs with which a difference among m comparisons can be decided, however
 * large it is.
 *
 * @param comparisons m ≥ 1 simultaneous comparisons
 * @returns the smallest n for which n equal signs reach an E of 40 m: 15 for one comparison
 */
export function fewestPairs(comparisons: number): number {
  let pairs = 1;
  while (logEvidence(pairs, pairs) < Math.log(DECISIVE * comparisons)) pairs += 1;
  return pairs;
}
