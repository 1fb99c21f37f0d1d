// SPDX-License-Identifier: GPL-2.0-or-later

/**
 * Returns the most that each holder may hold so that all of them fit into the total, by max-min
 * fairness: a holder of at most `total / held.length` never has to give anything.
 *
 * @returns Infinity if they fit already.
 */
export function fairShare(held: readonly number[], total: number): number {
  let left = total;
  let others = held.length;
  for (const amount of [...held].sort((a, b) => a - b)) {
    if (amount * others > left) return left / others;
    left -= amount;
    others -= 1;
  }
  return Infinity;
}
