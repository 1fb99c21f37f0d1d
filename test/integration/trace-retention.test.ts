// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { RecordPage, Trace } from '#contract/trace.js';
import type { TraceComparison, TraceEventList, TraceHistogram } from '#contract/trace-query.js';
import { openStore, type Store } from '#store/store.js';
import { expireTraces } from '#store/trace-retention.js';
import { startApi } from '#support/api-process.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE = 'tick(uint64_t number) "%d"\n';
const CHUNK_RECORDS = 16_384;
const COUNT = 2 * CHUNK_RECORDS;
const file = [
  header(),
  mapping(1n, 'tick'),
  ...Array.from({ length: COUNT }, (_, index) =>
    record(1n, BigInt(1_000 + index * 10), 1, BigInt(index * index)),
  ),
];

let store: Store;
let client: Client;
let stop: () => Promise<void>;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  ({ client, stop } = await startApi());
}, 30_000);
afterAll(async () => {
  await stop();
  await store.close();
});

const get = (id: string) => client.get<Trace>(`/v1/traces/${id}`);
const tracesOf = async (...files: Buffer[][]) => {
  const ids: string[] = [];
  for (const file of files) ids.push((await storeTrace(store, EVENTS_FILE, file)).traceId);
  return ids;
};

test('records beyond the quota are counted and marked, and not stored', async () => {
  const { traceId } = await storeTrace(store, EVENTS_FILE, file, 1_000);
  const trace = await get(traceId);

  expect(trace).toMatchObject({
    records: String(COUNT),
    recordsStored: String(CHUNK_RECORDS),
    quotaReached: true,
    partial: false,
    fileBytes: String(Buffer.concat(file).length),
  });
  expect(Number(trace.rawBytes)).toBeLessThan(Number(trace.fileBytes));
  const raw = Buffer.from(await (await client.open(`/v1/traces/${traceId}/raw`)).arrayBuffer());
  expect(raw.equals(Buffer.concat(file).subarray(0, Number(trace.rawBytes)))).toBe(true);
  expect(
    (
      await client.get<RecordPage>(`/v1/traces/${traceId}/records?after=${CHUNK_RECORDS - 3}`)
    ).records.map(({ sequence }) => sequence),
  ).toEqual([String(CHUNK_RECORDS - 2), String(CHUNK_RECORDS - 1)]);
  const { events } = await client.get<TraceHistogram>(`/v1/traces/${traceId}/histogram?bins=1`);
  expect(events).toEqual([{ name: 'tick', counts: [COUNT] }]);
  const [whole] = await tracesOf(file);
  expect(
    await client.get<TraceComparison>(`/v1/traces/compare?a=${traceId}&b=${whole}`),
  ).toMatchObject({ divergence: null, complete: false, compared: String(CHUNK_RECORDS) });
}, 60_000);

test('when all traces exceed their limit, the oldest lose their records and keep their counts', async () => {
  const [oldest, middle, newest] = (await tracesOf(file, file, file)) as [string, string, string];
  const { storedBytes } = await get(newest);

  const expired = await expireTraces(store, { days: 0, totalBytes: 2 * Number(storedBytes) });

  expect(expired).toContain(oldest);
  expect(expired).not.toContain(middle);
  expect(await get(oldest)).toMatchObject({
    expiredAt: expect.any(String),
    storedBytes: '0',
    records: String(COUNT),
    quotaReached: false,
  });
  expect(
    (await store.pool.query('SELECT 1 FROM trace_chunk WHERE trace_id = $1', [oldest])).rowCount,
  ).toBe(0);
  for (const path of ['records', 'raw', 'export?format=csv'])
    await expect(client.open(`/v1/traces/${oldest}/${path}`)).rejects.toMatchObject({
      code: 'TRACE_EXPIRED',
    });
  expect((await client.get<TraceEventList>(`/v1/traces/${oldest}/events`)).events[0]).toMatchObject(
    { name: 'tick', count: String(COUNT), interArrival: { p50Ns: '10' } },
  );
  expect(
    (await client.get<TraceHistogram>(`/v1/traces/${oldest}/histogram?bins=1`)).events,
  ).toEqual([{ name: 'tick', counts: [COUNT] }]);
  expect(await get(middle)).toMatchObject({ expiredAt: null, storedBytes });
}, 60_000);

test('records of a trace are kept for the configured number of days', async () => {
  const [old, fresh] = (await tracesOf(file, file)) as [string, string];
  await store.pool.query("UPDATE trace SET created_at = now() - interval '31 days' WHERE id = $1", [
    old,
  ]);

  expect(await expireTraces(store, { days: 30, totalBytes: 0 })).toEqual([old]);
  expect((await get(fresh)).expiredAt).toBeNull();
  expect(await expireTraces(store, { days: 0, totalBytes: 0 })).toEqual([]);
}, 60_000);

test("a job can shorten the service's retention of its trace records, not extend it", async () => {
  const [brief, long] = [
    await storeTrace(store, EVENTS_FILE, file, Infinity, { traceDays: 3 }),
    await storeTrace(store, EVENTS_FILE, file, Infinity, { traceDays: 60 }),
  ];
  const aged = (days: number) =>
    store.pool.query(
      'UPDATE trace SET created_at = now() - make_interval(days => $2) WHERE id = ANY($1)',
      [[brief.traceId, long.traceId], days],
    );
  await aged(2);
  expect(await expireTraces(store, { days: 30, totalBytes: 0 })).toEqual([]);
  expect(Date.parse((await get(brief.traceId)).keptUntil!) / 86_400_000).toBeCloseTo(
    Date.now() / 86_400_000 + 1,
    1,
  );

  await aged(4);
  expect(await expireTraces(store, { days: 0, totalBytes: 0 })).toEqual([brief.traceId]);
  await aged(31);
  expect(await expireTraces(store, { days: 30, totalBytes: 0 })).toEqual([long.traceId]);
}, 60_000);
