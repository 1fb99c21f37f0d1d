// SPDX-License-Identifier: GPL-2.0-or-later
import { bcaInterval } from '#statistics/bca-bootstrap.js';
import { bootstrapPseudoMedian, pseudoMedian } from '#statistics/pseudo-median.js';
import { random } from '#statistics/random.js';
import { DEFAULT_METHODS, estimateRatio, QUICK_METHODS } from '#statistics/ratio-estimate.js';
import { walshEstimate } from '#statistics/walsh-interval.js';
import { WalshSelection } from '#statistics/walsh-selection.js';
import { normalDraws } from '#support/draws.js';

const draws = (count: number, seed = 7): number[] => normalDraws(count, random(seed, count));
/** Skewed, with the median 0. */
const waits = (count: number, seed: number): number[] => {
  const next = random(8, seed);
  return Array.from({ length: count }, () => -Math.log(1 - next()) - Math.LN2);
};

const averagesOf = (values: readonly number[]): number[] =>
  values
    .flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2))
    .sort((a, b) => a - b)
    .map((average) => average + 0);

const CASES: [string, number[]][] = [
  ['one value', [3.5]],
  ['two values', [-1, 2]],
  ['three values', [5, 1, 2]],
  ...[6, 9, 10, 37, 101].map((count): [string, number[]] => [`${count} values`, draws(count)]),
  ['ties', draws(60).map((value) => Number(value.toFixed(1)))],
  ['equal values', new Array<number>(20).fill(-0.25)],
  ['zeros of both signs', [0, -0, 0, -0, 1, -1]],
  ['very different sizes', draws(50).map((value) => Math.sign(value) * 10 ** (80 * value))],
  ['the smallest numbers', [5e-324, -5e-324, 1e-323, 2e-323, 0]],
];

describe('selection equals, bit for bit, the sorted Walsh averages', () => {
  test.each(CASES)('of %s', (_, values) => {
    const averages = averagesOf(values);
    const walsh = new WalshSelection(values);
    expect(walsh.total).toBe(averages.length);
    expect(averages.map((_, index) => walsh.select(index + 1))).toEqual(averages);
    for (const bound of [averages[0]!, 0, averages[averages.length >> 1]!]) {
      expect(walsh.atMost(bound)).toBe(averages.filter((average) => average <= bound).length);
      expect(walsh.atLeast(bound)).toBe(averages.filter((average) => average >= bound).length);
      expect([...walsh.sharesAtMost(bound)]).toEqual(
        [...values]
          .sort((a, b) => a - b)
          .map((a) => values.filter((b) => (a + b) / 2 <= bound).length / values.length),
      );
    }
  });

  test.each(CASES.filter(([, values]) => values.length > 1))(
    'and the median of %s is the one of the bootstrap',
    (_, values) => {
      expect(pseudoMedian(values)).toBe(bootstrapPseudoMedian(values).estimate + 0);
    },
  );
});

test('the interval of many values is close to the bootstrap, for skewed values too', () => {
  for (const values of [draws(400), waits(400, 1)]) {
    const { estimate, interval } = walshEstimate(values);
    const expected = bcaInterval(bootstrapPseudoMedian(values));
    const width = expected.high - expected.low;
    expect(estimate).toBe(pseudoMedian(values));
    expect(Math.abs(interval.low - expected.low) / width).toBeLessThan(0.05);
    expect(Math.abs(interval.high - expected.high) / width).toBeLessThan(0.05);
  }
});

test('the interval holds the true pseudo-median in about 95 % of samples of skewed values', () => {
  const truth = pseudoMedian(waits(100_000, 0));
  let held = 0;
  for (let sample = 1; sample <= 400; sample += 1) {
    const { low, high } = walshEstimate(waits(300, sample)).interval;
    if (low <= truth && truth <= high) held += 1;
  }
  expect(held / 400).toBeGreaterThan(0.925);
  expect(held / 400).toBeLessThan(0.975);
});

test('p is at most 5 % exactly if the 95 % interval excludes 0', () => {
  const values = draws(300);
  let [excluded, included] = [0, 0];
  for (let shift = -0.3; shift <= 0.3; shift += 0.005) {
    const { interval, pValue } = walshEstimate(values.map((value) => value + shift));
    const excludes = interval.low > 0 || interval.high < 0;
    expect(pValue <= 0.05).toBe(excludes);
    if (excludes) excluded += 1;
    else included += 1;
  }
  expect([excluded > 10, included > 10]).toEqual([true, true]);
});

test('values that do not vary have an interval of zero width', () => {
  const ten = { estimate: 10, interval: { low: 10, high: 10 }, pValue: Number.MIN_VALUE };
  expect(walshEstimate(new Array<number>(300).fill(10))).toMatchObject(ten);
  expect(walshEstimate(new Array<number>(300).fill(0)).pValue).toBe(1);
});

test('a hundred thousand values have an interval', () => {
  const { interval } = estimateRatio(draws(100_000).map((value) => 0.1 * value));
  expect(interval).toMatchObject({ method: 'walsh-averages', blocks: 100_000 });
  expect(interval.low).toBeLessThan(1);
  expect(interval.high).toBeGreaterThan(1);
  expect(interval.high - interval.low).toBeLessThan(0.002);
});

test.each([
  ['signed-rank', DEFAULT_METHODS, 9],
  ['bca-bootstrap', DEFAULT_METHODS, 10],
  ['bca-bootstrap', DEFAULT_METHODS, 200],
  ['walsh-averages', DEFAULT_METHODS, 201],
  ['signed-rank', QUICK_METHODS, 50],
  ['walsh-averages', QUICK_METHODS, 51],
])('the method is %s, with %j, for %i values', (method, methods, count) => {
  expect(estimateRatio(draws(count), methods).interval.method).toBe(method);
});
