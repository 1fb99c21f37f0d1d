// SPDX-License-Identifier: GPL-2.0-or-later
import type { BisectAnswer } from '#contract/bisect.js';

/** Position of the change: between two neighbours, unless answers were unclear. */
export interface Bisection {
  /** Index of the last candidate without a difference from the first. */
  readonly same: number;
  /** Index of the first candidate known to differ; null if the last one does not, or is unclear. */
  readonly changed: number | null;
  /** Indexes of the candidates between the two with unclear answers. */
  readonly unclear: readonly number[];
}

/**
 * Finds the earliest candidate that differs from the first, by binary search: ⌈log₂⌉ comparisons,
 * and one more for the last candidate.
 *
 * Correct if all candidates after the change differ from the first, too. After an unclear answer
 * the search continues with the nearest candidate that has not been compared.
 *
 * @param count Number of candidates, at least 2.
 * @param ask Compares a candidate with the first. Called at most once per index.
 */
export async function bisect(
  count: number,
  ask: (index: number) => Promise<BisectAnswer>,
): Promise<Bisection> {
  const unclear = new Set<number>();
  let same = 0;
  let changed = count - 1;
  const last = await ask(changed);
  if (last !== 'changed')
    return last === 'same'
      ? { same: changed, changed: null, unclear: [] }
      : { same, changed: null, unclear: [changed] };
  for (;;) {
    const open = Array.from({ length: changed - same - 1 }, (_, index) => same + 1 + index).filter(
      (index) => !unclear.has(index),
    );
    if (open.length === 0)
      return {
        same,
        changed,
        unclear: [...unclear]
          .filter((index) => index > same && index < changed)
          .sort((a, b) => a - b),
      };
    const middle = (same + changed) / 2;
    const next = open.reduce((best, index) =>
      Math.abs(index - middle) < Math.abs(best - middle) ? index : best,
    );
    const answer = await ask(next);
    if (answer === 'same') same = next;
    else if (answer === 'changed') changed = next;
    else unclear.add(next);
  }
}
