// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace, TraceRecord } from '#contract/trace.js';
import { writePerfettoTrace } from '#formats/trace-perfetto.js';

const trace = {
  events: [{ name: 'wake', arguments: [], count: '1', firstNs: '1', lastNs: '1' }],
} as unknown as Trace;
const recordOf = (pid: number): TraceRecord => ({
  sequence: '7',
  timestampNs: '1000',
  event: 'wake',
  pid,
  arguments: {},
});

test('threads are described again when they are too many to remember', async () => {
  async function* batches(): AsyncGenerator<TraceRecord[]> {
    yield []; // names and the process
    yield [recordOf(1)];
    yield [recordOf(1)];
    yield Array.from({ length: 65_536 }, (_, pid) => recordOf(pid + 2));
    yield [recordOf(1)];
    yield [recordOf(1)];
  }

  const bytes: number[] = [];
  for await (const piece of writePerfettoTrace(trace, batches(), new Map()))
    bytes.push(piece.length);

  const [, described, known, , again, knownAgain] = bytes;
  expect(described).toBeGreaterThan(known!);
  expect([again, knownAgain]).toEqual([described, known]);
});
