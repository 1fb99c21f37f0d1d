// SPDX-License-Identifier: GPL-2.0-or-later
import { placeOn, ratioAxis, ratioTicks } from '#dashboard/pages/comparison/ratio-axis.js';

test('2 and 1/2 have the same distance from 1', () => {
  const axis = { low: 0.25, high: 4 };
  expect(placeOn(axis, 1)).toBeCloseTo(0.5);
  expect(placeOn(axis, 2) - 0.5).toBeCloseTo(0.5 - placeOn(axis, 0.5));
});

test.each([
  [[{ low: 1.1, high: 1.3 }]],
  [[{ low: 0.5, high: 0.6 }]],
  [[{ low: 0.9999, high: 1.0001 }]],
  [[{ low: 0.001, high: 5000 }]],
  [[]],
])('an axis of %j covers all values and 1, with at most six ticks, 1 among them', (intervals) => {
  const axis = ratioAxis(intervals);
  for (const ratio of [1, ...intervals.flatMap(({ low, high }) => [low, high])]) {
    expect(placeOn(axis, ratio)).toBeGreaterThan(0);
    expect(placeOn(axis, ratio)).toBeLessThan(1);
  }
  expect(axis.ticks).toContain(1);
  expect(axis.ticks.length).toBeLessThanOrEqual(6);
});

test('ticks are round', () => {
  expect(ratioTicks(0.97, 1.26)).toEqual([1, 1.05, 1.1, 1.15, 1.2, 1.25]);
  expect(ratioTicks(0.8, 12)).toEqual([1, 2, 5, 10]);
});
