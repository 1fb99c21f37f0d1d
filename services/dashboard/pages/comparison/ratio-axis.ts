import type { RatioInterval } from '../../../contract/comparison.js';

/** A logarithmic axis of ratios: as far to the left is as much less as the same to the right is more. */
export interface RatioAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Room at either end, as a share of the width. */
const MARGIN = 0.04;
const TICKS_MOST = 6;

/** An axis on which all of these intervals, and 1, have their place. */
export function ratioAxis(intervals: readonly Pick<RatioInterval, 'low' | 'high'>[]): RatioAxis {
  const low = Math.min(1 / 1.02, ...intervals.map((interval) => interval.low));
  const high = Math.max(1.02, ...intervals.map((interval) => interval.high));
  const margin = (high / low) ** MARGIN;
  return { low: low / margin, high: high * margin, ticks: ratioTicks(low / margin, high * margin) };
}

/** Place on an axis, from 0 to 1. */
export function placeOn({ low, high }: Pick<RatioAxis, 'low' | 'high'>, ratio: number): number {
  return Math.log(ratio / low) / Math.log(high / low);
}

/** Round ratios between two, at most six; 1 is among them where it lies between. */
export function ratioTicks(low: number, high: number): number[] {
  // Where the axis is nearly linear, equal steps; else 1, 2, 5 of every power of ten, or the powers alone.
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

/** A tick as short as it is exact: 1, 1.05, 20. */
export function tickText(ratio: number): string {
  return String(Number(ratio.toPrecision(4)));
}
