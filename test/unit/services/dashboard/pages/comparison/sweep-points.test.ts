// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow } from '#contract/comparison.js';
import type { SweptValue } from '#contract/sweep.js';
import { measuresIn, sweepFigure } from '#dashboard/pages/comparison/sweep-points.js';
import { costRow, intervalOf } from '#support/comparison.js';

const seriesOf = (points: [SweptValue, Partial<ComparisonRow>][]) => ({
  variant: 'static',
  workload: 'w',
  points: points.map(([value, row]) => ({ value, row: costRow(row) })),
});
const ratios = (...values: SweptValue[]) =>
  seriesOf(values.map((value, index) => [value, { ratio: intervalOf(1 + index / 10) }]));
const xs = (...values: SweptValue[]) =>
  sweepFigure([ratios(...values)], 'ratio', 'ns').series[0]!.map(({ text, x }) => [
    text,
    Number(x.toFixed(3)),
  ]);

test('values over a factor of eight have equal distances for equal factors, others for equal steps', () => {
  expect(xs(1, 10, 100)).toEqual([
    ['1', 0.06],
    ['10', 0.5],
    ['100', 0.94],
  ]);
  expect(xs(1, 2, 3)).toEqual([
    ['1', 0.06],
    ['2', 0.5],
    ['3', 0.94],
  ]);
  expect(xs(100, 1, 10).map(([text]) => text)).toEqual(['1', '10', '100']);
});

test('values that are not all numbers stand side by side, and a single one in the middle', () => {
  expect(xs('max', 'qemu64')).toEqual([
    ['max', 0.28],
    ['qemu64', 0.72],
  ]);
  expect(xs(4)).toEqual([['4', 0.5]]);
});

test('a point lies within its interval, and all intervals on the axis', () => {
  const marks = sweepFigure([ratios(1, 2, 3)], 'ratio', 'ns').series[0]!;

  for (const { y, yLow, yHigh } of marks) {
    expect(yLow).toBeLessThan(y);
    expect(y).toBeLessThan(yHigh);
    expect(yLow).toBeGreaterThanOrEqual(0);
    expect(yHigh).toBeLessThanOrEqual(1);
  }
});

test('the median is drawn from zero in the unit of the metric', () => {
  const series = [
    seriesOf([
      [1, { median: 2e6 }],
      [2, { median: 8e6 }],
    ]),
  ];
  const { yTicks, series: drawn } = sweepFigure(series, 'median', 'ns');

  expect(yTicks.map(({ text }) => text)).toEqual(['0 ms', '2 ms', '4 ms', '6 ms', '8 ms']);
  expect(yTicks[0]!.place).toBe(0);
  expect(drawn[0]!.map(({ value }) => value)).toEqual([2e6, 8e6]);
});

test('a figure that its interval does not support is not drawn', () => {
  const figure = (shown: 'value' | 'nothing') => ({
    value: 5,
    low: 4,
    high: 6,
    confidence: 0.95,
    shown,
  });
  const cost = (shown: 'value' | 'nothing') => ({
    startNs: null,
    perEventNs: figure(shown),
    averageNs: null,
    bendNs: null,
  });
  const series = [
    seriesOf([
      [1, { ratio: null, cost: cost('value') }],
      [2, { ratio: null, cost: cost('nothing') }],
    ]),
  ];

  expect(measuresIn(series)).toEqual(['perEvent', 'median']);
  expect(sweepFigure(series, 'perEvent', 'ns').series[0]!.map(({ text }) => text)).toEqual(['1']);
});
