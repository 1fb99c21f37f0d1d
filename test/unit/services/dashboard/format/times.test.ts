// SPDX-License-Identifier: GPL-2.0-or-later
import { took } from '#dashboard/format/numbers.js';
import { elapsedMs } from '#dashboard/format/times.js';

const START = '2026-01-01T00:00:00.000Z';

test('a job that failed at once took milliseconds, never 0 s', () => {
  expect(took(elapsedMs(START, '2026-01-01T00:00:00.340Z')!)).toBe('340 ms');
  expect(took(elapsedMs(START, '2026-01-01T00:00:04.200Z')!)).toBe('4.2 s');
  expect(took(elapsedMs(START, '2026-01-01T01:02:00.000Z')!)).toBe('1 h 2 min');
});

test.each([
  ['without a start', null, START],
  ['without an end', START, null],
  ['with an end at its start', START, START],
  ['with an end before its start', START, '2025-12-31T23:59:59.000Z'],
])('a job %s has no duration', (_, from, to) => {
  expect(elapsedMs(from, to)).toBeNull();
});
