// SPDX-License-Identifier: GPL-2.0-or-later
import { measuredText, numberText } from '#cli/amount.js';
import { reportedText } from '#cli/reported-table.js';

test.each([
  [100438999.99999999, 'ns', '100.4 ms'],
  [124487705.5, 'ns', '124.5 ms'],
  [741, 'ns', '741 ns'],
  [2_500_000_000, 'ns', '2.5 s'],
  [0.1 + 0.2, 's', '0.3 s'],
  [123456789, 'bytes', '123456789 bytes'],
  [1.5, '', '1.5'],
])('%d %s is shown as %s', (value, unit, text) => {
  expect(measuredText(value, unit)).toBe(text);
});

test('a number has no tail of binary arithmetic', () => {
  expect(numberText(7.000000000000001)).toBe('7');
});

test('metrics that the code reported are shown beside each other, with their range', () => {
  const value = { side: 'head' as const, low: 1, high: 1, runs: 6 };
  const text = reportedText([
    {
      workload: 'port-io',
      name: 'latency.p50',
      unit: 'ns',
      values: [
        { ...value, variant: 'dynamic', median: 1500, low: 1400, high: 1600 },
        { ...value, variant: 'dynamic', side: 'base', median: 1, low: 1, high: 1 },
      ],
    },
    {
      workload: 'port-io',
      name: 'sizes',
      unit: 'count',
      values: [{ ...value, variant: 'static', median: 1 }],
    },
  ]);

  expect(text).toContain('reported by your code');
  expect(text).toMatch(/dynamic .*dynamic@base .*static/);
  expect(text).toMatch(/latency\.p50 .*1\.5 µs \[1\.4 µs, 1\.6 µs\].*1 ns.*—/);
  expect(text).toMatch(/sizes .*— .*— .*1 count/);
});
