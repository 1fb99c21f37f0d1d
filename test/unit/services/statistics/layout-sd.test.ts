// SPDX-License-Identifier: GPL-2.0-or-later
import { layoutSd } from '#statistics/layout-sd.js';
import { random, shuffled } from '#statistics/random.js';
import { normalDraw } from '#support/draws.js';
import { LINKS, pairsOfNoise, RUNS } from './noise.js';

describe('the standard deviation of layout', () => {
  /** 16 link pairs of `each` blocks of real noise, in turns. */
  const simulated = (layout: number, each: number, seed: number): number[][] => {
    const next = random(seed);
    const noise = pairsOfNoise(RUNS.pinned, 16 * each, next);
    return Array.from({ length: 16 }, (_, pair) => {
      const shift = layout * Math.SQRT2 * normalDraw(next);
      return Array.from({ length: each }, (__, turn) => noise[turn * 16 + pair]! + shift);
    });
  };
  /** Root mean square of many estimates. */
  const typical = (layout: number): number => {
    const estimates = Array.from({ length: 200 }, (_, seed) =>
      layoutSd(simulated(layout, 20, seed))!,
    );
    return Math.sqrt(
      estimates.reduce((sum, estimate) => sum + estimate ** 2, 0) / estimates.length,
    );
  };

  test('is estimated correctly under real noise', () => {
    expect(typical(0.016)).toBeGreaterThan(0.0145);
    expect(typical(0.016)).toBeLessThan(0.0175);
    expect(typical(0)).toBeLessThan(0.006);
  });

  test('is 1.6 % for 12 real links of the same objects', () => {
    const logs = LINKS.map((block) => block.map(Math.log));
    const next = random(63);
    const estimates = Array.from({ length: 200 }, () => {
      const order = shuffled(
        Array.from({ length: 12 }, (_, link) => link),
        next,
      );
      const pairs = Array.from({ length: 6 }, (_, pair) =>
        logs.map((block) => block[order[2 * pair]!]! - block[order[2 * pair + 1]!]!),
      );
      return layoutSd(pairs)! ** 2;
    });
    const sd = Math.sqrt(estimates.reduce((sum, square) => sum + square, 0) / estimates.length);
    expect(sd).toBeGreaterThan(0.014);
    expect(sd).toBeLessThan(0.018);
  });

  test('is 0 for one build, and without noise equals the standard deviation of the shifts', () => {
    expect(layoutSd(new Array<number[]>(8).fill([1, 2, 3, 4, 5]))).toBe(0);
    const shifts = [-3, -1, 1, 3];
    expect(layoutSd(shifts.map((shift) => new Array<number>(4).fill(shift)))).toBeCloseTo(
      Math.sqrt(20 / 3 / 2),
      12,
    );
  });

  test('is missing for fewer than four link pairs of four values', () => {
    expect(
      layoutSd([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3, 4],
        [1, 2, 3],
      ]),
    ).toBeNull();
    expect(layoutSd([])).toBeNull();
  });
});
