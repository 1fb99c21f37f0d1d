// SPDX-License-Identifier: GPL-2.0-or-later
import { median } from './median.js';

/** 1 / Φ⁻¹(3/4): scales the median absolute deviation of normal values to their sd. */
const NORMAL_CONSISTENCY = 1.4826;

/**
 * Returns the robust standard deviation, 1.4826 · median |xᵢ - median(x)|. It tolerates outliers in
 * up to half of the values.
 *
 * Source: Hampel, "The Influence Curve and its Role in Robust Estimation", J. Am. Stat. Assoc. 69,
 * 1974.
 *
 * @param values at least one finite number
 * @returns in the unit of the values
 * @throws {RangeError} Values are missing, or one is not finite.
 */
export function robustSd(values: readonly number[]): number {
  const centre = median(values);
  return NORMAL_CONSISTENCY * median(values.map((value) => Math.abs(value - centre)));
}
