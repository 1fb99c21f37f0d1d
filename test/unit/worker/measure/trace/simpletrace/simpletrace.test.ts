// SPDX-License-Identifier: GPL-2.0-or-later
import { joinWords, type PackedChunk } from '#domain/trace/chunk.js';
import { CHUNK_RECORDS } from '#domain/trace/native/limits.js';
import { openChunk, textOf } from '#domain/trace/record.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import { readTrace, readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { parseTraceEvents } from '#worker/measure/trace/trace-events.js';
import { dropped, header, mapping, record, u32, u64 } from '#support/trace-encoder.js';

const EVENTS = parseTraceEvents(`
write(uint64_t addr, int value) "addr 0x%"PRIx64" value %d"
note(const char *text, uint32_t count) "%s %u"
tick(void) ""
vcpu guest_mem(uint64_t vaddr) "0x%"PRIx64
`);
const MAPPINGS = Buffer.concat([
  mapping(3n, 'write'),
  mapping(7n, 'note'),
  mapping(9n, 'tick'),
  mapping(11n, 'elsewhere'),
  mapping(12n, 'guest_mem'),
]);
const START = Buffer.concat([header(), MAPPINGS]);
const RECORDS = Buffer.concat([
  record(3n, 1000n, 42, 0xffff_ffff_ffff_fff0n, -5n),
  record(7n, 1100n, 42, 'grüße', 9n),
  dropped(1150n, 17n),
  record(9n, 1200n, 0xffff_ffff),
  record(7n, 1050n, 43, 'grüße', 10n),
  record(7n, 1300n, 43, '', 11n),
  record(12n, 1_400_000_000_000_000_000n, 43, 0x7f00n, 64n),
]);
const FILE = Buffer.concat([START, RECORDS]);

interface Read {
  readonly chunks: PackedChunk[];
  readonly totals: TraceTotals;
}

async function* stream(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield* pieces;
}

async function readWith(
  reader: typeof readTrace,
  pieces: readonly Buffer[],
  maxBytes = Infinity,
): Promise<Read> {
  const reading = reader(stream(pieces), { events: EVENTS, maxBytes });
  const chunks: PackedChunk[] = [];
  for (;;) {
    const next = await reading.next();
    if (next.done === true) return { chunks, totals: next.value };
    chunks.push(next.value);
  }
}

const read = (...pieces: Buffer[]): Promise<Read> => readWith(readTrace, pieces);

const open = (chunk: PackedChunk) =>
  openChunk({ ...chunk, firstSequence: BigInt(chunk.firstSequence) });

/** Every record as [event id, timestamp, pid, argument words …]. */
const rows = ({ chunks }: Read): unknown[][] =>
  chunks
    .map(open)
    .flatMap((chunk) =>
      Array.from({ length: chunk.count }, (_, row) => [
        chunk.events[row],
        joinWords(chunk.timestamps, row),
        chunk.pids[row],
        ...chunk.arguments.map((words) => joinWords(words, row)),
      ]),
    );

/** Totals in a form that compares quickly. */
const counted = ({ totals }: Read) => ({
  ...totals,
  tail: Buffer.from(totals.tail).toString('hex'),
  histogram: totals.histogram.map(
    ({ eventId, shift, tile, counts }) => `${eventId} ${shift} ${tile} ${counts.join(' ')}`,
  ),
});

describe('a trace reader', () => {
  test('returns records as columns, with text by its place', async () => {
    const result = await read(FILE);
    expect(rows(result)).toEqual([
      [3, 1000n, 42, 0xffff_ffff_ffff_fff0n, 0xffff_ffff_ffff_fffbn],
      [7, 1100n, 42, 0n, 9n],
      [9, 1200n, 0xffff_ffff, 0n, 0n],
      [7, 1050n, 43, 0n, 10n],
      [7, 1300n, 43, 1n, 11n],
      [12, 1_400_000_000_000_000_000n, 43, 0x7f00n, 64n],
    ]);
    expect(result.chunks[0]!.firstSequence).toBe(0);
    expect(open(result.chunks[0]!).texts.map(textOf)).toEqual(['grüße', '']);
  });

  test('counts per event and in total, with dropped records separate', async () => {
    const { totals } = await read(FILE);
    expect(totals).toMatchObject({
      records: 6,
      dropped: 17,
      stored: 6,
      fileBytes: FILE.length,
      rawBytes: FILE.length,
      partialReason: null,
      firstNs: 1000n,
      lastNs: 1_400_000_000_000_000_000n,
    });
    expect(
      totals.events.map(({ id, name, count, firstNs, lastNs }) => [
        id,
        name,
        count,
        firstNs,
        lastNs,
      ]),
    ).toEqual([
      [3, 'write', 1, 1000n, 1000n],
      [7, 'note', 3, 1050n, 1300n],
      [9, 'tick', 1, 1200n, 1200n],
      [12, 'guest_mem', 1, 1_400_000_000_000_000_000n, 1_400_000_000_000_000_000n],
    ]);
    expect(totals.events[3]!.arguments).toEqual([
      { type: 'void *', name: '__cpu' },
      { type: 'uint64_t', name: 'vaddr' },
    ]);
  });

  test('reads the same at any split of the file into two pieces, and byte by byte', async () => {
    const whole = await read(FILE);
    for (let cut = 0; cut <= FILE.length; cut += 1) {
      const parts = await read(FILE.subarray(0, cut), FILE.subarray(cut));
      expect(rows(parts)).toEqual(rows(whole));
      expect(counted(parts)).toEqual(counted(whole));
    }
    const bytes = await read(...Array.from(FILE, (byte) => Buffer.from([byte])));
    expect(rows(bytes)).toEqual(rows(whole));
  });

  test('keeps the complete part of a file that ends anywhere', async () => {
    const ends = new Set([START.length]);
    let at = START.length;
    for (let next = at; next < FILE.length; next = at) {
      at += 8 + FILE.readUInt32LE(at + 24);
      ends.add(at);
    }
    const whole = rows(await read(FILE));
    for (let length = START.length; length <= FILE.length; length += 1) {
      const result = await read(FILE.subarray(0, length));
      expect(result.totals.partialReason).toBe(
        ends.has(length) ? null : `the file ends within a record (at byte ${length})`,
      );
      expect(rows(result)).toEqual(
        whole
          .slice(0, result.totals.records)
          .map((row) => row.slice(0, 3 + (result.chunks[0]?.arguments.length ?? 0))),
      );
    }
    expect((await read(Buffer.alloc(0))).totals).toMatchObject({
      records: 0,
      partialReason: 'the file ends within its header (at byte 0)',
      firstNs: null,
    });
    expect((await read(header().subarray(0, 20))).totals.partialReason).toBe(
      'the file ends within its header (at byte 20)',
    );
  });

  test('splits a long trace into chunks of 16,384 records', async () => {
    const count = 2 * CHUNK_RECORDS + 10;
    const body = Array.from({ length: count }, (_, index) =>
      record(3n, BigInt(index), 1, BigInt(index) << 32n, 0n),
    );
    const file = Buffer.concat([START, ...body]);
    const result = await read(file);
    expect(result.chunks.map(({ firstSequence, count: size }) => [firstSequence, size])).toEqual([
      [0, 16_384],
      [16_384, 16_384],
      [32_768, 10],
    ]);
    expect(
      rows(result).every(
        (row, index) => row[1] === BigInt(index) && row[3] === BigInt(index) << 32n,
      ),
    ).toBe(true);
    expect(result.totals.records).toBe(count);
  });

  test('ends a chunk early when it holds a lot of text', async () => {
    const body = Array.from({ length: 200 }, (_, index) =>
      record(7n, 1n, 1, `${index}${'x'.repeat(60_000)}`, 0n),
    );
    const result = await read(START, ...body);
    expect(result.chunks.length).toBeGreaterThan(1);
    expect(result.totals.records).toBe(200);
  });

  test('keeps text as it is, byte for byte', async () => {
    const { chunks } = await read(START, record(7n, 1n, 1, 'a\0b', 0n));
    expect([...open(chunks[0]!).texts[0]!]).toEqual([97, 0, 98]);
  });

  test('reads the same in its own thread', async () => {
    const body = Array.from({ length: 50_000 }, (_, index) =>
      record(
        index % 3 === 0 ? 9n : 3n,
        BigInt(index),
        1,
        ...(index % 3 === 0 ? [] : [BigInt(index), -1n]),
      ),
    );
    const file = Buffer.concat([START, ...body]);
    const pieces = Array.from({ length: Math.ceil(file.length / 100_000) }, (_, index) =>
      file.subarray(index * 100_000, (index + 1) * 100_000),
    );
    const threaded = await readWith(readTraceInThread, pieces);
    const here = await read(file);
    expect(counted(threaded)).toEqual(counted(here));
    expect(rows(threaded)).toEqual(rows(here));
  });

  test('counts records beyond the quota, and keeps the complete chunks before it', async () => {
    const body = Array.from({ length: 3 * CHUNK_RECORDS }, (_, index) =>
      record(9n, BigInt(index), 1),
    );
    const { chunks, totals } = await readWith(
      readTrace,
      [START, ...body],
      START.length + 32 * (CHUNK_RECORDS + 1),
    );
    expect(chunks).toHaveLength(2);
    expect(totals).toMatchObject({
      records: 3 * CHUNK_RECORDS,
      stored: 2 * CHUNK_RECORDS,
      rawBytes: START.length + 32 * 2 * CHUNK_RECORDS,
    });
    expect(totals.events[0]).toMatchObject({ name: 'tick', count: 3 * CHUNK_RECORDS });
  });

  test('reports a broken stream as an error, and ends the thread', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield FILE;
      throw new Error('connection lost');
    }
    await expect(
      readTraceInThread(broken(), { events: EVENTS, maxBytes: Infinity }).next(),
    ).rejects.toThrow('connection lost');
  });
});

describe('a trace reader stops at', () => {
  test.each([
    ['another magic number', header(0x1234n), 8],
    ['another version', header(undefined, 3n), 16],
    ['another header', Buffer.alloc(24), 0],
  ])('%s', async (_, file, offset) => {
    expect((await read(file)).totals).toMatchObject({
      records: 0,
      sha256: null,
      partialReason: expect.stringContaining(`(at byte ${offset})`),
    });
  });

  test.each([
    ['an unknown record type', u64(2n), 0, 'unknown record type'],
    ['an event id without mapping', record(100n, 1n, 1), 8, 'unknown event id 100'],
    ['an event id beyond 32 bits', record(1n << 40n, 1n, 1), 8, 'unknown event id 1099511627776'],
    [
      'an event that is not declared',
      record(11n, 1n, 1),
      8,
      '"elsewhere" (id 11) is recorded but not declared',
    ],
    [
      'a huge record',
      Buffer.concat([u64(1n), u64(7n), u64(1n), u32(0xffff_fff0), u32(1)]),
      24,
      'impossible length 4294967280',
    ],
    [
      'a record shorter than its header',
      Buffer.concat([u64(1n), u64(7n), u64(1n), u32(8), u32(1)]),
      24,
      'impossible length 8',
    ],
    [
      "a record of another length than its event's",
      record(3n, 1n, 1, 1n),
      24,
      'has 32 bytes, not 40',
    ],
    [
      'a text longer than its record',
      Buffer.concat([u64(1n), u64(7n), u64(1n), u32(24 + 12), u32(1), u32(65), u64(0n)]),
      32,
      'impossible length 65 of a text',
    ],
    ['a record shorter than its arguments', record(7n, 1n, 1, 'abcd'), 40, 'too short'],
    ['a record longer than its arguments', record(7n, 1n, 1, 'a', 1n, 2n), 45, 'longer'],
    ['a timestamp beyond 63 bits', record(9n, -1n, 1), 16, 'impossible timestamp'],
    ['a dropped record of another length', record(-2n, 1n, 1), 24, 'dropped'],
    ['a huge event name', Buffer.concat([u64(0n), u64(20n), u32(70_000)]), 16, 'event name'],
    ['an event id above the limit', mapping(40_000n, 'write'), 8, 'impossible event id'],
    ['an id mapped to two names', mapping(3n, 'note'), 8, 'two names'],
    ['a name mapped to two ids', mapping(30n, 'note'), 8, '"note" has two ids'],
  ])('%s', async (_, bytes, offset, reason) => {
    const good = record(9n, 1n, 1);
    const { totals } = await read(START, good, bytes);
    expect(totals.partialReason).toContain(reason);
    expect(totals.partialReason).toContain(`(at byte ${START.length + good.length + offset})`);
    expect(totals).toMatchObject({ records: 1, stored: 1, rawBytes: START.length + good.length });
  });
});
