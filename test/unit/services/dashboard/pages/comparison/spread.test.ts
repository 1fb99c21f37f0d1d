// SPDX-License-Identifier: GPL-2.0-or-later
import type { Point } from '#dashboard/pages/comparison/points.js';
import { spreadOf, spreadRange } from '#dashboard/pages/comparison/spread.js';

const points = (...values: number[]) => values.map((y) => ({ y }) as Point);

test('fast and slow variants have comparable spreads around their own medians', () => {
  const [fast, slow] = [
    spreadOf('fast', points(90, 100, 110))!,
    spreadOf('slow', points(5400, 6000, 6600))!,
  ];
  expect([fast.median, slow.median]).toEqual([100, 6000]);
  for (const [index, share] of [-0.1, 0, 0.1].entries())
    for (const { shares } of [fast, slow]) expect(shares[index]).toBeCloseTo(share, 12);
  expect(fast.box.upper).toBeCloseTo(0.05, 12);
});

test('the axis excludes a value that is far out and includes all others', () => {
  const spread = spreadOf('a', points(98, 99, 100, 101, 102, 400))!;
  const [low, high] = spreadRange([spread]);
  expect(spread.shares.filter((share) => share >= low && share <= high)).toHaveLength(5);
  expect(high).toBeLessThan(0.1);
});

test('equal values, or none, still have an axis', () => {
  const [low, high] = spreadRange([spreadOf('a', points(7, 7, 7))!]);
  expect(low).toBeLessThan(0);
  expect(high).toBeGreaterThan(0);
  expect(spreadOf('a', [])).toBeNull();
  expect(spreadOf('zero', points(0, 0, 5))!.shares).toEqual([]);
});
