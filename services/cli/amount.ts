// SPDX-License-Identifier: GPL-2.0-or-later
const NS_UNITS = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
] as const;

/** Formats a number without the tail of digits that binary arithmetic leaves. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** Formats a measured value with its unit; a time in ns gets the unit that suits it. */
export function measuredText(value: number, unit: string): string {
  if (unit !== 'ns') return unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
  const [divisor, shown] = NS_UNITS.find(([size]) => Math.abs(value) >= size) ?? [1, 'ns'];
  return `${Number((value / divisor).toPrecision(4))} ${shown}`;
}
