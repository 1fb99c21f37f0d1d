// SPDX-License-Identifier: GPL-2.0-or-later
import { changePoints } from '#statistics/change-points.js';
import { bestSplit } from '#statistics/energy-split.js';
import { random, type Random } from '#statistics/random.js';
import { normalDraw } from '#support/draws.js';
import { SCIPY } from './fixtures.js';

/** Segments of [length, level] with normal noise. */
const series = (
  next: Random,
  noise: number,
  ...levels: [length: number, level: number][]
): number[] =>
  levels.flatMap(([length, level]) =>
    Array.from({ length }, () => level * (1 + noise * normalDraw(next))),
  );

describe('best split', () => {
  test('agrees with the definition, evaluated for every cut and every right end', () => {
    for (const { values, minLength, index, statistic } of SCIPY.splits) {
      const split = bestSplit(Float64Array.from(values), minLength);
      expect(split?.index).toBe(index);
      expect(split?.statistic).toBeCloseTo(statistic, 10);
    }
  });

  test('of a segment shorter than two minimum lengths does not exist', () => {
    expect(bestSplit(Float64Array.of(1, 1, 2, 2, 2), 3)).toBeNull();
    expect(bestSplit(Float64Array.of(1, 1, 1, 2, 2, 2), 3)?.index).toBe(3);
  });
});

describe('change points', () => {
  test('finds one shift at its position, with the medians of both sides', () => {
    const [change, ...more] = changePoints(series(random(1), 0.01, [30, 100], [30, 105]));
    expect(more).toEqual([]);
    expect(change).toMatchObject({ index: 30, pValue: 0.001 });
    expect(change!.before).toBeCloseTo(100, 0);
    expect(change!.after).toBeCloseTo(105, 0);
    expect(change!.ratio).toBeCloseTo(1.05, 2);
  });

  test('finds a temporary shift', () => {
    expect(
      changePoints(series(random(2), 0.01, [40, 100], [12, 106], [40, 100])).map(
        ({ index }) => index,
      ),
    ).toEqual([40, 52]);
  });

  test('finds nothing in noise: at most 3 of 300 series, expected 0.3', () => {
    const next = random(3);
    let fired = 0;
    for (let trial = 0; trial < 300; trial += 1)
      fired += Number(changePoints(series(next, 0.02, [40, 1]), { seed: trial }).length > 0);
    expect(fired).toBeLessThanOrEqual(3);
  });

  test('ignores a single outlier', () => {
    const values = series(random(4), 0.01, [60, 100]);
    values[30] = 150;
    expect(changePoints(values)).toEqual([]);
  });

  test('drops changes below the least magnitude, and keeps the others', () => {
    const values = series(random(5), 0.002, [30, 100], [30, 101], [30, 110]);
    expect(changePoints(values).map(({ index }) => index)).toEqual([30, 60]);
    const [change, ...more] = changePoints(values, { minMagnitude: 0.02 });
    expect(more).toEqual([]);
    expect(change!.index).toBe(60);
    expect(change!.before).toBeCloseTo(100.5, 0); // the median of both levels before it
  });

  test('has no segment shorter than requested', () => {
    const values = series(random(6), 0.001, [20, 1], [4, 2], [20, 1]);
    expect(changePoints(values, { minLength: 4 }).map(({ index }) => index)).toEqual([20, 24]);
    for (const { index } of changePoints(values, { minLength: 6 }))
      expect([index, 44 - index].every((length) => length >= 6)).toBe(true);
  });

  test('is deterministic', () => {
    const values = series(random(7), 0.03, [25, 1], [25, 1.04]);
    expect(changePoints(values, { seed: 5 })).toEqual(changePoints(values, { seed: 5 }));
  });

  test('takes less than a second of the processor for 500 points', () => {
    const values = series(random(8), 0.01, [300, 1], [200, 1.05]);
    const before = process.cpuUsage();
    const found = changePoints(values);
    const { user } = process.cpuUsage(before);
    expect(found.map(({ index }) => index)).toEqual([300]);
    expect(user / 1e6).toBeLessThan(1);
  });

  test('returns nothing for short series and refuses invalid options', () => {
    expect(changePoints([])).toEqual([]);
    expect(changePoints([1, 1, 1, 2, 2])).toEqual([]);
    expect(() => changePoints([1, 0])).toThrow(RangeError);
    expect(() => changePoints([1], { minLength: 1 })).toThrow(RangeError);
    expect(() => changePoints([1], { permutations: 99 })).toThrow(RangeError);
    expect(() => changePoints([1], { minMagnitude: -1 })).toThrow(RangeError);
  });
});
