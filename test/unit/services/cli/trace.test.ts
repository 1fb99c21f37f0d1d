// SPDX-License-Identifier: GPL-2.0-or-later
import { rangeOf } from '#cli/commands/trace.js';
import { recordLines, traceLine } from '#cli/trace-text.js';
import type { Trace, TraceRecord } from '#contract/trace.js';

const TRACE = {
  id: '7',
  workload: 'w',
  variant: 'v',
  block: 1,
  records: '3',
  dropped: '0',
  fileBytes: '5000',
  storedBytes: '210',
  partialReason: null,
  quotaReached: false,
  expiredAt: null,
  firstNs: '1000',
  lastNs: '900000',
} as unknown as Trace;
const DECLARED = { trace: TRACE, events: [] };
const RECORD: TraceRecord = {
  sequence: '0',
  timestampNs: '1000',
  event: 'tick',
  pid: 4,
  arguments: {},
};

test('a range that ends before it begins is refused by the name of the option', () => {
  expect(() => rangeOf({ event: [], from: '20us', to: '19.999us' }, TRACE)).toThrow(
    '--to: "19.999us" is before --from "20us"',
  );
  expect(rangeOf({ event: [], from: '20us', to: '20us' }, TRACE)).toEqual({
    event: [],
    fromNs: '21000',
    toNs: '21000',
  });
});

test('a list of records says whether the limit cut it', () => {
  expect(recordLines(DECLARED, { records: [RECORD], next: '0' })[1]).toBe(
    'the first 1 matching records; a higher --limit may show more:',
  );
  expect(recordLines(DECLARED, { records: [RECORD], next: null })[1]).toBe(
    'all 1 matching records:',
  );
  expect(recordLines(DECLARED, { records: [], next: null })).toEqual(['no matching records']);
});

test('a line of the list tells the size of the file from the stored size', () => {
  expect(traceLine(TRACE)).toBe('7  w v block 1: 3 records, file of 5000 bytes, stored in 210');
});
