// SPDX-License-Identifier: GPL-2.0-or-later
import { axisIncrements, axisTexts, timeTexts } from '#dashboard/format/axis.js';

test('ticks have as many digits as their steps need', () => {
  expect(axisTexts([160e6, 162.5e6, 165e6], 'ns')).toEqual(['160.0 ms', '162.5 ms', '165.0 ms']);
  expect(axisTexts([0, 5e8, 1e9], 'ns')).toEqual(['0.0 s', '0.5 s', '1.0 s']);
  expect(axisTexts([1, 1.05, 1.1], '1')).toEqual(['1.00', '1.05', '1.10']);
  expect(axisTexts([10e9, 20e9], 'instructions')).toEqual([
    '10 G instructions',
    '20 G instructions',
  ]);
});

test('sizes have steps that are round in powers of two', () => {
  const steps = axisIncrements('bytes', 100 * 2 ** 20);
  expect(axisTexts([64 * 2 ** 20, 66.5 * 2 ** 20], 'bytes')).toEqual(['64.0 MiB', '66.5 MiB']);
  expect(steps).toContain(5 * 2 ** 20);
  expect(steps).not.toContain(5e6);
});

test('times that several ticks share are shown once, and a tick between items has none', () => {
  const times = ['10:41', '10:41', '10:42', '10:42', '10:43'];

  expect(timeTexts(times, [0, 1, 1.5, 2, 3, 4, 5], (time) => `at ${time}`)).toEqual([
    'at 10:41',
    '',
    '',
    'at 10:42',
    '',
    'at 10:43',
    '',
  ]);
});
