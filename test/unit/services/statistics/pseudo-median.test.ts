// SPDX-License-Identifier: GPL-2.0-or-later
import { bootstrapPseudoMedian } from '#statistics/pseudo-median.js';
import { random } from '#statistics/random.js';
import { normalDraws } from '#support/draws.js';
import { walkedBootstrap } from '#support/walked-pseudo-median.js';

const rounded = (values: number[], digits: number) =>
  values.map((value) => Number(value.toFixed(digits)));

describe('the bootstrap of the pseudo-median equals, bit for bit, a walk over all Walsh averages', () => {
  test.each([10, 11, 12, 20, 37, 60, 100, 151, 200])('with %i values', (count) => {
    const values = normalDraws(count, random(5, count)).map((value) => 0.02 * value);
    expect(bootstrapPseudoMedian(values)).toEqual(walkedBootstrap(values));
  });

  const draws = (count: number) => normalDraws(count, random(6, count));
  test.each([
    ['with ties', rounded(draws(60), 1)],
    ['with almost only ties', rounded(draws(120), 0)],
    ['all equal', new Array<number>(50).fill(0.25)],
    ['with zeros of both signs', [0, -0, 0, -0, 0, -0, 0, -0, 0, -0, 1, -1]],
    [
      'in two clusters',
      draws(80).map((value, index) => (index % 2 === 0 ? 1_000 : -1_000) + 1e-6 * value),
    ],
    ['with one outlier', [...draws(40), 1e12]],
    ['of very different sizes', draws(100).map((value) => Math.sign(value) * 10 ** (8 * value))],
    ['in descending order', draws(30).sort((a, b) => b - a)],
  ])('%s', (_, values) => {
    expect(bootstrapPseudoMedian(values)).toEqual(walkedBootstrap(values));
  });
});
