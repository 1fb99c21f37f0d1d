// SPDX-License-Identifier: GPL-2.0-or-later
import { PEERS, type PeerRuns } from '../../bench/peers.js';

const slower = (peer: string, changes: Partial<PeerRuns>) =>
  PEERS[peer]!({
    sequential: { head: [100, 101], base: [100, 101] },
    inTurns: { head: [100, 101], base: [100, 101] },
    history: [],
    ...changes,
  });
/** Interleaved runs with these differences. */
const differing = (differences: readonly number[], base: number) => ({
  inTurns: {
    base: differences.map(() => base),
    head: differences.map((difference) => base + difference),
  },
});

describe('the rules of peers', () => {
  it('github-action-benchmark compares means with its threshold', () => {
    const sequential = { head: [105, 107], base: [100, 100] };
    expect(slower('github-action-benchmark, 105 %', { sequential })).toBe(true);
    expect(slower('github-action-benchmark, 200 %', { sequential })).toBe(false);
  });

  it('tango wants 2.6 standard errors and half a percent', () => {
    // mean 1.5, standard error 0.5: z is 3
    expect(slower('tango', differing([1, 1, 1, 3], 100))).toBe(true);
    expect(slower('tango', differing([1, 1, 1, 3], 1_000))).toBe(false);
    // mean 1.25, standard error 0.56: z is 2.2
    expect(slower('tango', differing([0, 1, 1.5, 2.5], 100))).toBe(false);
  });

  it('tango leaves as many differences out at the top as lie far below the first quartile', () => {
    const differences = [-90, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 90];
    expect(slower('tango', differing(differences, 100))).toBe(false);
    expect(slower('tango, outliers filtered', differing(differences, 100))).toBe(true);
    // none lies far below: the one far above stays
    expect(slower('tango, outliers filtered', differing(differences.slice(1), 100))).toBe(false);
  });

  it('Bencher alerts above the 99 % quantile of the history', () => {
    // mean 2, deviation 1, and 31.82 is the quantile with one degree of freedom
    const after = (value: number, history: readonly number[]) =>
      slower('Bencher, t test 0.99', { inTurns: { head: [value], base: [2] }, history });
    expect(after(33.7, [1, 3])).toBe(false);
    expect(after(33.9, [1, 3])).toBe(true);
    expect(after(1_000, [1])).toBe(false);
  });
});
