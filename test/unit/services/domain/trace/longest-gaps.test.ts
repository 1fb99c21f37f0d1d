// SPDX-License-Identifier: GPL-2.0-or-later
import { packChunk } from '#domain/trace/chunk.js';
import { LongestGaps, type TimedChunk } from '#domain/trace/longest-gaps.js';
import { NativeRecords } from '#domain/trace/native/records.js';
import { setRows, type Row } from '#support/native-records.js';

const START = 7n << 32n;
const NO_BYTES = new Uint8Array(0);
const records = new NativeRecords(1);

/** Packs rows into chunks of a size, as a trace stores them. */
function chunksOf(rows: readonly Row[], size: number): TimedChunk[] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => {
    setRows(records, rows.slice(index * size, (index + 1) * size));
    const packed = packChunk(records, index * size, NO_BYTES);
    return { ...packed, firstSequence: BigInt(packed.firstSequence) };
  });
}

function gapsOf(
  rows: readonly Row[],
  {
    limit = 10,
    size = 4,
    eventIds = null as ReadonlySet<number> | null,
    fromNs = undefined as bigint | undefined,
    toNs = undefined as bigint | undefined,
  } = {},
): [ns: number, pid: number, before: number, after: number][] {
  const longest = new LongestGaps(limit, { eventIds, fromNs, toNs });
  for (const chunk of chunksOf(rows, size)) longest.add(chunk);
  return longest.gaps.map(({ ns, pid, before, after }) => [
    ns,
    pid,
    before.sequence,
    after.sequence,
  ]);
}

/** Rows at these times after the start, of one event in one thread. */
const rowsAt = (...times: number[]): Row[] =>
  times.map((ns) => ({ ns: START + BigInt(ns), eventId: 1, pid: 9 }));

test('gaps are between consecutive records, longest first, also across chunks', () => {
  expect(gapsOf(rowsAt(0, 10, 25, 26, 126, 127))).toEqual([
    [100, 9, 3, 4],
    [15, 9, 1, 2],
    [10, 9, 0, 1],
    [1, 9, 2, 3],
    [1, 9, 4, 5],
  ]);
});

test('a limit keeps the longest; of equal ones it keeps the first in the file', () => {
  expect(gapsOf(rowsAt(0, 5, 10, 15, 115, 120), { limit: 3 })).toEqual([
    [100, 9, 3, 4],
    [5, 9, 0, 1],
    [5, 9, 1, 2],
  ]);
});

test('each thread has gaps of its own', () => {
  const rows = rowsAt(0, 1, 100, 51).map((row, index) => ({ ...row, pid: 8 + (index % 2) }));
  expect(gapsOf(rows)).toEqual([
    [100, 8, 0, 2],
    [50, 9, 1, 3],
  ]);
});

test('only selected events and times count', () => {
  const rows = rowsAt(0, 10, 30, 60, 100).map((row, index) => ({ ...row, eventId: index % 2 }));
  expect(gapsOf(rows, { eventIds: new Set([0]) })).toEqual([
    [70, 9, 2, 4],
    [30, 9, 0, 2],
  ]);
  expect(gapsOf(rows, { fromNs: START + 10n, toNs: START + 60n })).toEqual([
    [30, 9, 2, 3],
    [20, 9, 1, 2],
  ]);
});

test('a clock that stands still or goes back makes no gap', () => {
  expect(gapsOf(rowsAt(50, 50, 20, 21))).toEqual([[1, 9, 2, 3]]);
});

test('a gap across a word of the clock keeps its length', () => {
  const rows = [0xffff_fff0n, 0x1_0000_0010n, 0x3_0000_0010n].map((ns) => ({
    ns,
    eventId: 1,
    pid: 9,
  }));
  expect(gapsOf(rows).map(([ns]) => ns)).toEqual([2 ** 33, 32]);
});

test('more threads than the limit do not fail', () => {
  const rows = Array.from({ length: 70_000 }, (_, index) => ({
    ns: START + BigInt(index),
    eventId: 1,
    pid: index,
  }));
  expect(gapsOf(rows, { size: 16_384 })).toEqual([]);
});
