// SPDX-License-Identifier: GPL-2.0-or-later
import { quartiles, type Point } from './points.js';

/**
 * Distribution of the values of one variant around their own median, which makes fast and slow
 * variants comparable.
 */
export interface Spread {
  readonly variant: string;
  /** Median in the unit of the values. */
  readonly median: number;
  /**
   * Differences of the values from the median, as shares of it; empty if the median is not
   * positive. The quartiles in `box` are shares, too.
   */
  readonly shares: readonly number[];
  readonly box: { readonly lower: number; readonly upper: number };
}

/** Minimum extent of the axis on either side, as a share. */
const LEAST = 0.005;
/** Number of interquartile ranges beyond the quartiles from which a value is far out (Tukey). */
const FAR_OUT = 3;

export function spreadOf(variant: string, points: readonly Point[]): Spread | null {
  const values = points.map(({ y }) => y);
  const box = quartiles(values);
  if (box === null) return null;
  const { median } = box;
  if (!(median > 0)) return { variant, median, shares: [], box: { lower: 0, upper: 0 } };
  return {
    variant,
    median,
    shares: values.map((value) => value / median - 1),
    box: { lower: box.lower / median - 1, upper: box.upper / median - 1 },
  };
}

/**
 * Returns the range of an axis for all spreads. Values that are far out do not widen it: they are
 * drawn at the edge.
 */
export function spreadRange(spreads: readonly Spread[]): [low: number, high: number] {
  let [low, high] = [-LEAST, LEAST];
  for (const {
    shares,
    box: { lower, upper },
  } of spreads) {
    const reach = FAR_OUT * (upper - lower);
    for (const share of shares) {
      if (share < lower - reach || share > upper + reach) continue;
      low = Math.min(low, share);
      high = Math.max(high, share);
    }
  }
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}
