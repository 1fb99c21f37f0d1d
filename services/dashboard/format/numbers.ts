// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Number formats, the same on every page. Values are rounded for reading and must not look more
 * certain than they are.
 */

const NONE = '–';

/** Formats nanoseconds in the largest unit that leaves at least one digit before the point. */
export function duration(ns: number | string | null | undefined): string {
  if (ns === null || ns === undefined) return NONE;
  const value = Number(ns);
  const size = Math.abs(value);
  if (size < 1e3) return `${significant(value)} ns`;
  if (size < 1e6) return `${significant(value / 1e3)} µs`;
  if (size < 1e9) return `${significant(value / 1e6)} ms`;
  if (size < 120e9) return `${significant(value / 1e9)} s`;
  return clock(value / 1e6);
}

/** Formats milliseconds in hours, minutes and whole seconds. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (parts[0]! > 0) return `${parts[0]} h ${parts[1]} min`;
  if (parts[1]! > 0) return `${parts[1]} min ${parts[2]} s`;
  return `${parts[2]} s`;
}

/** Formats the duration of a step or job, in milliseconds: 51 ms, 4.2 s, 3 min 20 s. */
export function took(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms);
}

export function bytes(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const number = Number(value);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = number < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(number) / 10));
  const scaled = number / 1024 ** power;
  return `${Number.isInteger(scaled) ? scaled : significant(scaled)} ${units[power]}`;
}

const WHOLE = new Intl.NumberFormat('en-GB');

/** Formats a count with all its digits: 2,000,001. */
export function count(value: number | string | bigint | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return WHOLE.format(typeof value === 'string' ? BigInt(value) : value);
}

// British English would write m for a million, which is milli here.
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** Formats a count in compact notation: 2M. */
export function shortCount(value: number | string): string {
  return SHORT.format(Number(value));
}

/** Formats a ratio: 1.194. Ratios of 10 and more have fewer decimal places. */
export function ratio(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

/** Formats a ratio as a signed difference: +19.4 %. */
export function change(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const percent = (value - 1) * 100;
  const digits = Math.abs(percent) >= 100 ? 0 : Math.abs(percent) >= 10 ? 1 : 2;
  return `${percent > 0 ? '+' : percent < 0 ? '−' : ''}${Math.abs(percent).toFixed(digits)} %`;
}

/** Formats a share as a percentage: 5.0 %. */
export function percent(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined ? NONE : `${(value * 100).toFixed(digits)} %`;
}

/**
 * Formats a minimum detectable effect, given as a ratio, as a difference: 2.3 %. Returns a dash if
 * the blocks are too few for the number of comparisons.
 */
export function mdeText(minimumDetectableRatio: number | null | undefined): string {
  return minimumDetectableRatio === null || minimumDetectableRatio === undefined
    ? NONE
    : percent(minimumDetectableRatio - 1);
}

/** Formats a number with four significant digits. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

/** Formats a metric's value in its unit. */
export function inUnit(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return NONE;
  if (unit === 'ns') return duration(value);
  if (unit === 'bytes') return bytes(value);
  if (unit === '1') return ratio(value);
  return `${Number.isInteger(value) ? count(value) : significant(value)} ${unit}`;
}
