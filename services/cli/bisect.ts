import type { BisectAnswer } from '../contract/bisect.js';

/** Where the change is: between two neighbours, unless answers were unclear. */
export interface Bisection {
  /** Index of the last candidate that is like the first. */
  readonly same: number;
  /** Index of the first candidate that is known to differ; null if the last is like the first, or cannot be told from it. */
  readonly changed: number | null;
  /** Candidates between the two about which nothing could be said. */
  readonly unclear: readonly number[];
}

/**
 * Find the first of a list that differs from the list's first, by halving: ⌈log₂⌉ questions, one more for the last.
 *
 * Right if all after the first change differ from the first too. A candidate that cannot be told is stepped around, to
 * its nearest neighbour that has not been asked about.
 *
 * @param count number of candidates, at least 2
 * @param ask compares one with the first; the same index is never asked for twice
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
