// SPDX-License-Identifier: GPL-2.0-or-later
import { openChunk } from '#domain/trace/record.js';
import { rebuild } from '#domain/trace/raw.js';
import type { PackedChunk } from '#domain/trace/chunk.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import { readTrace, readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { parseTraceEvents } from '#worker/measure/trace/trace-events.js';
import { dropped, header, mapping, record, u32, u64 } from '#support/trace-encoder.js';

const EVENTS = parseTraceEvents(
  'write(uint64_t addr, int value) ""\nnote(const char *text, uint32_t count) ""\ntick(void) ""\n',
);
const START = Buffer.concat([
  header(),
  mapping(1n, 'write'),
  mapping(2n, 'note'),
  mapping(3n, 'tick'),
]);
const BODY = Buffer.concat(
  Array.from({ length: 60 }, (_, index) => [
    record(1n, BigInt(index * 1000), index % 3, BigInt(index) << BigInt(index), -5n),
    record(2n, BigInt(index * 900), 1, `text ${index % 5}`, 1n),
    dropped(1n, 2n),
    record(3n, BigInt(index), 7),
  ]).flat(),
);
const FILE = Buffer.concat([START, BODY]);

async function* once(file: Buffer): AsyncGenerator<Buffer> {
  yield file;
}

async function readAll(file: Buffer): Promise<{ chunks: PackedChunk[]; totals: TraceTotals }> {
  const reader = readTrace(once(file), { events: EVENTS, maxBytes: Infinity });
  const chunks: PackedChunk[] = [];
  let step = await reader.next();
  for (; step.done !== true; step = await reader.next()) chunks.push(step.value);
  return { chunks, totals: step.value };
}

function rebuildAll({ chunks, totals }: { chunks: PackedChunk[]; totals: TraceTotals }): Buffer {
  const events = new Map(totals.events.map((event) => [event.id, event]));
  return Buffer.concat([
    ...chunks.map((chunk) =>
      rebuild(
        openChunk({ ...chunk, firstSequence: BigInt(chunk.firstSequence) }),
        chunk.between,
        events,
      ),
    ),
    totals.tail,
  ]);
}

test('a chunk has some megabytes of the file, also if its records repeat a long text', async () => {
  const text = 'x'.repeat(60_000);
  const records = Array.from({ length: 300 }, (_, at) => record(2n, BigInt(at), 1, text, 1n));
  const file = Buffer.concat([START, ...records]);
  const read = await readAll(file);

  const bytes = read.chunks.map(({ count }) => count * text.length);
  expect(Math.max(...bytes)).toBeLessThan(5 * 1024 * 1024);
  expect(rebuildAll(read).equals(file)).toBe(true);
});

/** Pseudo-random numbers, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 8;
  }
}

test('a damaged file of any bytes is read exactly up to the damage', async () => {
  const random = numbers(20260101);
  const next = (below: number) => random.next().value % below;
  let understood = 0;
  for (let round = 0; round < 400; round += 1) {
    const damaged = Buffer.from(FILE.subarray(0, next(10) === 0 ? next(FILE.length) : FILE.length));
    for (let changes = next(4); changes > 0; changes -= 1)
      damaged[next(damaged.length)] = next(2) === 0 ? next(256) : [0, 255, 127, 128][next(4)]!;
    const result = await readAll(damaged);
    expect(rebuildAll(result).equals(damaged.subarray(0, result.totals.rawBytes))).toBe(true);
    if (result.totals.partialReason !== null) continue;
    expect(result.totals.rawBytes).toBe(damaged.length);
    understood += 1;
  }
  expect([understood > 20, understood < 380]).toEqual([true, true]);
}, 60_000);

test.each([
  [
    'a length of 4 GiB',
    Buffer.concat([u64(1n), u64(1n), u64(1n), u32(0xffff_ffff), u32(1)]),
    'impossible length 4294967295 of a record',
  ],
  [
    'a text longer than its record',
    Buffer.concat([u64(1n), u64(2n), u64(1n), u32(24 + 12), u32(1), u32(0xffff_fff0), u64(0n)]),
    'impossible length 4294967280 of a text in a record of note',
  ],
  [
    'more names than any QEMU has events',
    Buffer.concat(
      Array.from({ length: 5000 }, (_, index) => mapping(BigInt(index + 10), `event_${index}`)),
    ),
    'more than 4096 events',
  ],
  [
    'only counts of lost records',
    Buffer.concat(Array.from({ length: 30_000 }, () => dropped(1n, 1n))),
    'more than 1048576 bytes between records',
  ],
])('%s ends a trace with a reason', async (_, bytes, reason) => {
  const { totals } = await readAll(Buffer.concat([START, record(3n, 1n, 1), bytes]));
  expect(totals).toMatchObject({ records: 1, partialReason: expect.stringContaining(reason) });
});

test('the reader forgets threads, even if every record has its own', async () => {
  const { totals } = await readAll(
    Buffer.concat([
      START,
      ...Array.from({ length: 2_000 }, (_, index) => record(3n, BigInt(index), index % 1_000)),
    ]),
  );
  expect(totals.events[0]).toMatchObject({ count: 2_000, interArrival: null });
});

test('while chunks are not consumed, the reader takes no more of the file than its thread holds', async () => {
  const pieces = { taken: 0 };
  const piece = Buffer.concat(Array.from({ length: 32_768 }, () => record(3n, 1n, 1))); // 1 MiB
  async function* file(): AsyncGenerator<Buffer> {
    yield START;
    for (; pieces.taken < 64; pieces.taken += 1) yield piece;
  }
  const reader = readTraceInThread(file(), { events: EVENTS, maxBytes: Infinity });
  expect((await reader.next()).done).toBe(false);
  expect(pieces.taken).toBeLessThan(8);
  await reader.return(undefined as never);
});

test('the reason of a damaged file can be stored, whatever name the file has in it', async () => {
  const file = Buffer.concat([header(), mapping(9n, 'a\0b'), record(9n, 1n, 1)]);
  const { totals } = await readAll(file);

  expect(totals.partialReason).toBe(
    'event "a\u{fffd}b" (id 9) is recorded but not declared (at byte 55)',
  );
});
