import type { Verdict } from '../contract/comparison.js';

/** A verdict after a second look. */
export interface ConfirmedVerdict {
  readonly verdict: Verdict;
  /** The first batch said regression and no second one has confirmed it, yet or at all. */
  readonly suspected: boolean;
}

/**
 * A regression is called one when a second, independent batch of blocks says so too.
 *
 *  - first is not regression: it stands, and a second batch changes nothing (who measures until it is red finds red);
 *  - first is regression, none second: inconclusive, suspected;
 *  - both are regression: regression;
 *  - first is regression, second anything else: inconclusive, suspected.
 * The second batch is judged by itself, by the same rule and threshold, never pooled with the first; its p values are
 * adjusted among the comparisons that were measured again.
 *
 * @param first verdict of the first batch
 * @param second verdict of the second batch on the same comparison; null as long as there is none
 */
export function confirm(first: Verdict, second: Verdict | null): ConfirmedVerdict {
  if (first !== 'regression') return { verdict: first, suspected: false };
  return second === 'regression'
    ? { verdict: 'regression', suspected: false }
    : { verdict: 'inconclusive', suspected: true };
}
