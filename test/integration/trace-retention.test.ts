// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { RecordPage, Trace } from '#contract/trace.js';
import type { TraceComparison, TraceEventList, TraceHistogram } from '#contract/trace-query.js';
import { openStore, type Store } from '#store/store.js';
import { expireTraces } from '#store/trace-retention.js';
import { startApi } from '#support/api-process.js';
import { ownDatabase } from '#support/own-database.js';
import { scrapeMetrics } from '#support/scrape.js';
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
let database: Awaited<ReturnType<typeof ownDatabase>>;
beforeAll(async () => {
  database = await ownDatabase('trace_retention');
  store = await openStore(database.url);
  ({ client, stop } = await startApi({ DATABASE_URL: database.url }));
}, 60_000);
afterAll(async () => {
  await stop();
  await store.close();
  await database.drop();
});

const UNLIMITED = { days: 0, totalBytes: 0, projectBytes: 0 };

const get = (id: string) => client.get<Trace>(`/v1/traces/${id}`);
const tracesOf = async (project: string, count: number, eventsFile = EVENTS_FILE) => {
  const ids: string[] = [];
  while (ids.length < count)
    ids.push((await storeTrace(store, eventsFile, file, Infinity, { project })).traceId);
  return ids;
};
const removeEverything = async () => {
  for (const _ of ['records', 'summaries'])
    await expireTraces(store, { ...UNLIMITED, totalBytes: 1 });
};
const sizeOf = async (id: string) => Number((await get(id)).storedBytes);

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
  const [whole] = await tracesOf('whole', 1);
  expect(
    await client.get<TraceComparison>(`/v1/traces/compare?a=${traceId}&b=${whole}`),
  ).toMatchObject({ divergence: null, complete: false, compared: String(CHUNK_RECORDS) });
}, 60_000);

test('a project above its share loses its oldest records and keeps their counts', async () => {
  const project = 'above-its-share';
  const [oldest, middle, newest] = (await tracesOf(project, 3)) as [string, string, string];
  const { storedBytes } = await get(newest);
  const limits = { ...UNLIMITED, projectBytes: 3 * Number(storedBytes) - 1 };

  expect(await expireTraces(store, limits)).toEqual({
    old: [],
    overShare: [oldest],
    summaries: [],
  });
  expect(await expireTraces(store, limits)).toEqual({ old: [], overShare: [], summaries: [] });

  const kept = await get(oldest);
  expect(kept).toMatchObject({
    expiredAt: expect.any(String),
    records: String(COUNT),
    quotaReached: false,
  });
  expect(Number(kept.storedBytes)).toBeGreaterThan(0); // histogram and statistics
  expect(Number(kept.storedBytes)).toBeLessThan(Number(storedBytes));
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
  const [old, fresh] = (await tracesOf('days', 2)) as [string, string];
  await store.pool.query("UPDATE trace SET created_at = now() - interval '31 days' WHERE id = $1", [
    old,
  ]);

  expect((await expireTraces(store, { ...UNLIMITED, days: 30 })).old).toEqual([old]);
  expect((await get(fresh)).expiredAt).toBeNull();
  expect((await expireTraces(store, UNLIMITED)).old).toEqual([]);
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
  expect((await expireTraces(store, { ...UNLIMITED, days: 30 })).old).toEqual([]);
  expect(Date.parse((await get(brief.traceId)).keptUntil!) / 86_400_000).toBeCloseTo(
    Date.now() / 86_400_000 + 1,
    1,
  );

  await aged(4);
  expect((await expireTraces(store, UNLIMITED)).old).toEqual([brief.traceId]);
  await aged(31);
  expect((await expireTraces(store, { ...UNLIMITED, days: 30 })).old).toEqual([long.traceId]);
}, 60_000);

test("when all traces exceed their limit, no project's records make room for another's", async () => {
  await removeEverything();
  const [careful] = (await tracesOf('careful', 1)) as [string]; // the oldest of all
  const flood = await tracesOf('flood', 4);
  const bytes = await sizeOf(careful);

  const expired = await expireTraces(store, { ...UNLIMITED, totalBytes: 5 * bytes - 1 });

  expect(expired).toEqual({ old: [], overShare: [flood[0]], summaries: [] });
  expect(await get(careful)).toMatchObject({ expiredAt: null, storedBytes: String(bytes) });
}, 60_000);

test('summaries are removed only when they alone exceed the share of their project', async () => {
  const project = 'summaries';
  const eventsFile = `${EVENTS_FILE}# only of this test\n`;
  const [older, newer] = (await tracesOf(project, 2, eventsFile)) as [string, string];
  await expireTraces(store, { ...UNLIMITED, projectBytes: 1 });
  const limits = { ...UNLIMITED, projectBytes: 2 * (await sizeOf(older)) - 1 };

  expect((await expireTraces(store, limits)).summaries).toContain(older);

  expect(await get(older)).toMatchObject({ storedBytes: '0', records: String(COUNT), events: [] });
  for (const path of ['histogram?bins=1', 'events', 'events-file'])
    await expect(client.open(`/v1/traces/${older}/${path}`)).rejects.toMatchObject({
      code: 'TRACE_SUMMARY_EXPIRED',
    });
  await client.open(`/v1/traces/${newer}/events-file`);
  const filesOf = async () =>
    (await store.pool.query('SELECT 1 FROM trace_events_file WHERE content = $1', [eventsFile]))
      .rowCount;
  expect(await filesOf()).toBe(1);
  await removeEverything();
  expect(await filesOf()).toBe(0);
}, 60_000);

test('metrics show the bytes of each project and the share that it may have', async () => {
  await removeEverything();
  const [id] = (await tracesOf('measured', 1)) as [string];

  const { value } = await scrapeMetrics(`${client.server}/metrics`, null);

  expect(value('qibench_trace_project_bytes', { project: 'measured' })).toBe(await sizeOf(id));
  expect(value('qibench_trace_share_bytes')).toBe(10 * 1024 ** 3);
  expect(value('qibench_retention_removed_total', { what: 'old-traces' })).toBe(0);
}, 60_000);
