// SPDX-License-Identifier: GPL-2.0-or-later
import { normalCdf, normalQuantile } from './normal.js';
import type { Interval } from './signed-rank-interval.js';
import { WalshSelection } from './walsh-selection.js';

/** The pseudo-median of many values, with interval and p value. */
export interface WalshEstimate {
  readonly estimate: number;
  readonly interval: Interval;
  /** Two-sided, of the hypothesis that the pseudo-median is 0; in (0, 1]. */
  readonly pValue: number;
}

/**
 * Returns the pseudo-median with an interval between two of the Walsh averages, in O(n log n) time
 * and O(n) memory.
 *
 * With the Walsh averages in ascending order W₁ … W_M the interval is [W_k, W_{M+1-k}], where
 * k - 1 = ⌊M (1/2 - z s)⌋. s is the standard error of the share U of averages at or below the
 * pseudo-median: s² = 4 Var(h)/n, with h(xᵢ) the share of values whose average with xᵢ is at or
 * below it. It is asymptotic like the bootstrap, and needs no symmetry. p ≤ α exactly if the
 * interval of level 1 - α excludes 0.
 *
 * Source: Choudhury and Serfling, "Generalized order statistics, Bahadur representations, and
 * sequential nonparametric fixed-width confidence intervals", J. Stat. Plan. Inference 19, 1988
 * (quantiles of a U-statistic's kernel; here the kernel (x + y)/2).
 *
 * @param values finite numbers, any order; hundreds or more, so that the normal quantile applies
 * @param confidence requested level, in (0, 1)
 * @throws {RangeError} There are fewer than two values, or one is not finite.
 */
export function walshEstimate(values: readonly number[], confidence = 0.95): WalshEstimate {
  if (values.length < 2) throw new RangeError('an interval needs at least two values');
  if (!values.every(Number.isFinite)) throw new RangeError('an interval needs finite values');
  const walsh = new WalshSelection(values);
  const { total } = walsh;
  const estimate = walsh.middle();
  const error = shareError(walsh.sharesAtMost(estimate));

  const limit = total * (0.5 + normalQuantile((1 - confidence) / 2) * error);
  const rank = Math.min(Math.max(Math.floor(limit) + 1, 1), Math.ceil(total / 2));
  const beyond = Math.min(walsh.atMost(0), walsh.atLeast(0)) / total;
  const tail = beyond >= 0.5 ? 0.5 : error === 0 ? 0 : normalCdf((beyond - 0.5) / error);
  return {
    estimate,
    interval: { low: walsh.select(rank), high: walsh.select(total + 1 - rank), confidence },
    pValue: Math.max(2 * tail, Number.MIN_VALUE),
  };
}

/** Returns the standard error of the share of averages, 2 sd(h)/√n. */
function shareError(shares: Float64Array): number {
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  return 2 * Math.sqrt(squares / (shares.length - 1) / shares.length);
}
