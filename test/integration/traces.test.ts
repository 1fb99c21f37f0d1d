// SPDX-License-Identifier: GPL-2.0-or-later
import { openStore, type Store } from '#store/store.js';
import { readRecords } from '#store/trace-records.js';
import { writeTrace } from '#store/trace-write.js';
import { getTrace } from '#store/traces.js';
import { readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { newSample, storeTrace } from '#support/stored-trace.js';
import { dropped, header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE =
  'write(uint64_t address, int value, const char *name) "%d"\nread(uint8_t size) "%d"\n';

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());

test('ten thousand records come back page by page, unchanged', async () => {
  const count = 10_000;
  const start = 2n ** 62n;
  const file = [header(), mapping(1n, 'write'), mapping(2n, 'read')];
  for (let index = 0; index < count; index++) {
    // Records of several threads are slightly out of order.
    const time = start + BigInt(index * 7 - (index % 3) * 20);
    file.push(
      index % 5 === 0
        ? record(2n, time, 8, BigInt(index % 256))
        : record(1n, time, 7, 2n ** 64n - 1n - BigInt(index), BigInt(-index), `text ${index} ü`),
    );
  }
  const { traceId, totals } = await storeTrace(store, EVENTS_FILE, [...file, dropped(1n, 3n)]);

  expect(totals).toMatchObject({ records: count, dropped: 3, partialReason: null });
  let sequence = 0;
  for (let after: string | null | undefined; after !== null;) {
    const page = await readRecords(store.pool, traceId, {
      after: after === undefined ? undefined : BigInt(after),
      limit: 999,
    });
    for (const found of page.records) {
      const time = start + BigInt(sequence * 7 - (sequence % 3) * 20);
      expect(found).toEqual(
        sequence % 5 === 0
          ? {
              sequence: String(sequence),
              timestampNs: String(time),
              event: 'read',
              pid: 8,
              arguments: { size: String(sequence % 256) },
            }
          : {
              sequence: String(sequence),
              timestampNs: String(time),
              event: 'write',
              pid: 7,
              arguments: {
                address: String(2n ** 64n - 1n - BigInt(sequence)),
                value: String(-sequence),
                name: `text ${sequence} ü`,
              },
            },
      );
      sequence++;
    }
    after = page.next;
  }
  expect(sequence).toBe(count);
  expect(
    (await getTrace(store.pool, traceId))!.events.map(({ name, count: n }) => [name, n]),
  ).toEqual([
    ['read', '2000'],
    ['write', '8000'],
  ]);
});

test('a truncated trace keeps the records before the cut, and is marked', async () => {
  const whole = record(2n, 5n, 1, 1n);
  const { traceId } = await storeTrace(store, EVENTS_FILE, [
    header(),
    mapping(2n, 'read'),
    whole,
    whole.subarray(0, 20),
  ]);

  expect(await getTrace(store.pool, traceId)).toMatchObject({ records: '1', partial: true });
});

test('a file that is not a trace becomes a trace without records and with the reason', async () => {
  const { traceId } = await storeTrace(store, EVENTS_FILE, [header(1n)]);

  expect(await getTrace(store.pool, traceId)).toMatchObject({
    records: '0',
    partial: true,
    partialReason: 'not a trace file: wrong magic number (at byte 8)',
    sha256: null,
    rawBytes: '0',
  });
});

test('a broken stream leaves nothing behind', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([header(), mapping(2n, 'read'), record(2n, 5n, 1, 1n)]);
    throw new Error('connection lost');
  }
  const owner = await newSample(store);

  await expect(
    writeTrace(store.pool, owner, {
      reader: readTraceInThread(broken(), { events: [], maxBytes: Infinity }),
      eventsFile: EVENTS_FILE,
    }),
  ).rejects.toThrow('connection lost');
  expect(
    (await store.pool.query('SELECT 1 FROM trace WHERE sample_id = $1', [owner.sampleId])).rowCount,
  ).toBe(0);
});
