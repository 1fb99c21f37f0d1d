// SPDX-License-Identifier: GPL-2.0-or-later
/** Unit of an axis's labels, chosen so that its ticks are round numbers. */
export interface AxisUnit {
  readonly name: string;
  /** Size in the metric's own unit. */
  readonly size: number;
}

const SIZES: Record<string, readonly AxisUnit[]> = {
  ns: [
    { name: 's', size: 1e9 },
    { name: 'ms', size: 1e6 },
    { name: 'µs', size: 1e3 },
  ],
  bytes: [
    { name: 'GiB', size: 2 ** 30 },
    { name: 'MiB', size: 2 ** 20 },
    { name: 'KiB', size: 2 ** 10 },
  ],
};
const MULTIPLES: readonly AxisUnit[] = [
  { name: 'G ', size: 1e9 },
  { name: 'M ', size: 1e6 },
  { name: 'k ', size: 1e3 },
];

/** Returns the largest unit of which `largest` is at least one. */
export function axisUnit(unit: string, largest: number): AxisUnit {
  const fitting = (units: readonly AxisUnit[]) => units.find(({ size }) => largest >= size);
  const known = SIZES[unit];
  if (known !== undefined) return fitting(known) ?? { name: unit, size: 1 };
  const multiple = fitting(MULTIPLES);
  return multiple === undefined
    ? { name: unit, size: 1 }
    : { name: (multiple.name + (unit === '1' ? '' : unit)).trim(), size: multiple.size };
}
