// SPDX-License-Identifier: GPL-2.0-or-later
import { axisUnit } from './axis-unit.js';

const MOST_DIGITS = 6;
/** Leading digits of an axis's steps, in its unit. */
const ROUND = [1, 2, 2.5, 5];
const POWERS = Array.from({ length: 25 }, (_, index) => 10 ** (index - 9));

/**
 * Returns the possible tick steps, smallest first. They are round in the unit in which values up to
 * `largest` are written: 5 MiB, not 5,000,000 bytes.
 */
export function axisIncrements(unit: string, largest: number): number[] {
  const { size } = axisUnit(unit, largest);
  return POWERS.flatMap((power) => ROUND.map((step) => step * power * size));
}

/** Formats evenly spaced axis values in one unit, with as many digits as their distance needs. */
export function axisTexts(values: readonly number[], unit: string): string[] {
  const { name, size } = axisUnit(unit, Math.max(...values.map(Math.abs)));
  const digits = values.length < 2 ? 0 : digitsOf(Math.abs(values[1]! - values[0]!) / size);
  return values.map((value) =>
    `${(value / size).toFixed(digits)} ${unit === '1' ? '' : name}`.trim(),
  );
}

/** Returns the number of decimal places of a step: 1 for 0.5 and for 2.5. */
function digitsOf(step: number): number {
  for (let digits = 0; digits < MOST_DIGITS; digits += 1)
    if (Math.abs(step - Number(step.toFixed(digits))) < step * 1e-6) return digits;
  return MOST_DIGITS;
}

/**
 * Returns the labels of an axis in the order of measurement. A tick has the time of its item, or
 * nothing if an earlier tick shows the same text, since several items may share a minute or a day.
 *
 * @param times Times of the items, in their order.
 * @param ticks Positions among the items; one beside an item has no label.
 */
export function timeTexts(
  times: readonly string[],
  ticks: readonly number[],
  textOf: (time: string) => string,
): string[] {
  const texts = ticks.map((at) => (times[at] === undefined ? '' : textOf(times[at])));
  return texts.map((text, index) => (texts.indexOf(text) < index ? '' : text));
}
