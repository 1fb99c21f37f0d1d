// SPDX-License-Identifier: GPL-2.0-or-later
import type { RatioInterval } from '#contract/comparison.js';

/** A logarithmic axis of ratios: equal distances to the left and right of 1 are equal factors. */
export interface RatioAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Margin at either end, as a share of the width. */
const MARGIN = 0.04;
const TICKS_MOST = 6;

/** Returns an axis that includes 1 and all of these intervals. */
export function ratioAxis(intervals: readonly Pick<RatioInterval, 'low' | 'high'>[]): RatioAxis {
  const low = Math.min(1 / 1.02, ...intervals.map((interval) => interval.low));
  const high = Math.max(1.02, ...intervals.map((interval) => interval.high));
  const margin = (high / low) ** MARGIN;
  return { low: low / margin, high: high * margin, ticks: ratioTicks(low / margin, high * margin) };
}

/** Returns the position of a ratio on an axis, from 0 to 1. */
export function placeOn({ low, high }: Pick<RatioAxis, 'low' | 'high'>, ratio: number): number {
  return Math.log(ratio / low) / Math.log(high / low);
}

/** Returns at most six round ratios between two, including 1 if it lies between them. */
export function ratioTicks(low: number, high: number): number[] {
  // Equal steps if the axis is nearly linear; else 1, 2, 5 of every power of ten, or the powers
  // alone.
  for (const step of high / low < 4 ? [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] : []) {
    const ticks = multiples(step, low, high);
    if (ticks.length <= TICKS_MOST) return ticks;
  }
  const powers = multiples(1, Math.log10(low) - 1, Math.log10(high) + 1).map(
    (power) => 10 ** power,
  );
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = powers
      .flatMap((power) => factors.map((factor) => Number((power * factor).toPrecision(6))))
      .filter((tick) => tick >= low && tick <= high);
    if (ticks.length <= TICKS_MOST) return ticks;
  }
  return [1];
}

function multiples(step: number, low: number, high: number): number[] {
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, Math.min(1000, last - first + 1)) }, (_, index) =>
    Number(((first + index) * step).toPrecision(6)),
  );
}

/** Formats a tick without trailing zeros: 1, 1.05, 20. */
export function tickText(ratio: number): string {
  return String(Number(ratio.toPrecision(4)));
}
