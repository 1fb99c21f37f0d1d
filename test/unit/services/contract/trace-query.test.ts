// SPDX-License-Identifier: GPL-2.0-or-later
import { GapQuery, HistogramQuery, RecordQuery, TraceExportQuery } from '#contract/trace-query.js';

test.each([
  ['records', RecordQuery, {}],
  ['histogram', HistogramQuery, {}],
  ['gaps', GapQuery, {}],
  ['export', TraceExportQuery, { format: 'csv' }],
] as const)('a query of %s that ends before it begins is refused by name', (_, query, more) => {
  const parse = (fromNs: string, toNs: string) => query.safeParse({ ...more, fromNs, toNs });

  expect(parse('10', '9').error?.issues).toMatchObject([
    { path: ['toNs'], message: 'is before fromNs' },
  ]);
  expect(parse('10', '10').success).toBe(true);
});
