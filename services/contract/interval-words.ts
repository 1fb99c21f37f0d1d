// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Describes a ratio's interval: `between −0.4 % and +1.1 %`. From a factor of two on it uses
 * factors: `between 5.7 and 6.1 times`.
 *
 * @param interval Interval of a ratio; 1.02 is 2 % more.
 */
export function intervalWords({
  low,
  high,
}: {
  readonly low: number;
  readonly high: number;
}): string {
  if (high >= 2) return `between ${low.toFixed(low < 0.995 ? 2 : 1)} and ${high.toFixed(1)} times`;
  return `between ${signedPercent(low - 1)} and ${signedPercent(high - 1)}`;
}

/** Formats a fraction as a signed percentage with one decimal: 0.0112 is `+1.1 %`. */
function signedPercent(share: number): string {
  const text = (100 * Math.abs(share)).toFixed(1);
  if (text === '0.0') return '0.0 %';
  return `${share < 0 ? '−' : '+'}${text} %`;
}
