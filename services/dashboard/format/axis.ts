import { axisUnit } from './axis-unit.js';

const MOST_DIGITS = 6;
/** Steps of an axis, in its unit. */
const ROUND = [1, 2, 2.5, 5];
const POWERS = Array.from({ length: 25 }, (_, index) => 10 ** (index - 9));

/** Steps that are round in the unit in which values up to the largest are written, smallest first: 5 MiB, not 5,000,000 bytes. */
export function axisIncrements(unit: string, largest: number): number[] {
  const { size } = axisUnit(unit, largest);
  return POWERS.flatMap((power) => ROUND.map((step) => step * power * size));
}

/** The values of an axis, evenly apart, all in one unit and with as many digits as their distance needs. */
export function axisTexts(values: readonly number[], unit: string): string[] {
  const { name, size } = axisUnit(unit, Math.max(...values.map(Math.abs)));
  const digits = values.length < 2 ? 0 : digitsOf(Math.abs(values[1]! - values[0]!) / size);
  return values.map((value) =>
    `${(value / size).toFixed(digits)} ${unit === '1' ? '' : name}`.trim(),
  );
}

/** How many digits behind the point a step has: 0.5 has one, as has 2.5. */
function digitsOf(step: number): number {
  for (let digits = 0; digits < MOST_DIGITS; digits += 1)
    if (Math.abs(step - Number(step.toFixed(digits))) < step * 1e-6) return digits;
  return MOST_DIGITS;
}
