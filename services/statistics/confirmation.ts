// SPDX-License-Identifier: GPL-2.0-or-later
import type { Verdict } from '#contract/comparison.js';

/** A verdict after confirmation by a second batch. */
export interface ConfirmedVerdict {
  readonly verdict: Verdict;
  /** The first batch shows a regression that no second batch has confirmed. */
  readonly suspected: boolean;
}

/**
 * Combines the verdicts of two batches. A regression is reported only if a second, independent
 * batch of blocks shows it too.
 *
 *  - first is not regression: the first verdict is final. A second batch changes nothing, as
 *    repeating measurements until one fails would find a regression eventually;
 *  - first is regression, no second: inconclusive, suspected;
 *  - both are regression: regression;
 *  - first is regression, second anything else: inconclusive, suspected.
 * The second batch is judged by itself, by the same rule and threshold, and never pooled with the
 * first. Its p values are adjusted among the comparisons that were measured again.
 *
 * @param first verdict of the first batch
 * @param second verdict of the second batch on the same comparison; null until it exists
 */
export function confirm(first: Verdict, second: Verdict | null): ConfirmedVerdict {
  if (first !== 'regression') return { verdict: first, suspected: false };
  return second === 'regression'
    ? { verdict: 'regression', suspected: false }
    : { verdict: 'inconclusive', suspected: true };
}
