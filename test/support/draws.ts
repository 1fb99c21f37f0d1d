// SPDX-License-Identifier: GPL-2.0-or-later
import type { Random } from '#statistics/random.js';

/** Independent standard normal numbers. */
export function normalDraws(count: number, next: Random): number[] {
  return Array.from({ length: count }, () => normalDraw(next));
}

/** One standard normal number, after Box and Muller. */
export function normalDraw(next: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
