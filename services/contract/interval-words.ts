// SPDX-License-Identifier: GPL-2.0-or-later
import type { RatioInterval } from './comparison.js';
import { SIGNIFICANCE } from './constants.js';

/**
 * Returns whether an interval has the confidence that a reader expects of it. Fewer than six blocks
 * reach less; a single one has an interval of zero width at 0 %.
 */
export function isSupported({ confidence }: { readonly confidence: number }): boolean {
  return confidence >= 1 - SIGNIFICANCE;
}

/**
 * Describes a ratio by its interval, or while the blocks are too few for one by its median: `−21.2
 * % in 1 block, too few for an interval`.
 */
export function ratioWords(interval: RatioInterval): string {
  if (isSupported(interval)) return intervalWords(interval);
  const { ratio, blocks } = interval;
  const value = ratio >= 2 ? `${ratio.toFixed(1)} times` : signedPercent(ratio - 1);
  return `${value} in ${fewWords(blocks)}`;
}

/** Says that a number of blocks has no interval: `1 block, too few for an interval`. */
export function fewWords(blocks: number): string {
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'}, too few for an interval`;
}

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
