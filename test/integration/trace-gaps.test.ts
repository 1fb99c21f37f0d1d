// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import type { TraceRecord } from '#contract/trace.js';
import type { GapQuery, TraceGap, TraceGaps } from '#contract/trace-query.js';
import { openStore, type Store } from '#store/store.js';
import { readGaps } from '#store/trace-gaps.js';
import { traceStatistics } from '#store/traces.js';
import { startApi } from '#support/api-process.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE = 'write(uint64_t addr) "0x%x"\nread(uint64_t addr) "0x%x"\ntick(void) ""\n';
const NAMES = ['write', 'read', 'tick'];
const COUNT = 40_000;
const START_NS = 7_000_000_000_000n;
type Record = Omit<TraceRecord, 'arguments'>;

/** Records of three threads, at random times that do not go back within one. */
const all: Record[] = [];
for (let index = 0, state = 7, ns = [0, 900, 5_000_000]; index < COUNT; index += 1) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  const thread = (state >>> 8) % 3;
  ns = ns.map((before, other) => before + (other === thread ? 1 + ((state >>> 12) % 9_999) : 0));
  all.push({
    sequence: String(index),
    timestampNs: String(START_NS + BigInt(ns[thread]!)),
    event: NAMES[Math.min(2, (state >>> 26) % 8)]!,
    pid: 10 + thread,
  });
}
const bytesOf = ({ sequence, timestampNs, event, pid }: Record): Buffer => {
  const values = event === 'tick' ? [] : [BigInt(sequence)];
  return record(BigInt(1 + NAMES.indexOf(event)), BigInt(timestampNs), pid, ...values);
};

let store: Store;
let client: Client;
let stop: () => Promise<void>;
let traceId: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  ({ client, stop } = await startApi());
  const names = NAMES.map((name, index) => mapping(BigInt(1 + index), name));
  ({ traceId } = await storeTrace(store, EVENTS_FILE, [header(), ...names, ...all.map(bytesOf)]));
}, 60_000);
afterAll(async () => {
  await stop();
  await store.close();
});

const at = ({ timestampNs }: Record) => BigInt(timestampNs);

/** Returns the longest gaps, computed from the records one by one. */
function expected(matches: (found: Record) => boolean, limit: number): TraceGap[] {
  const last = new Map<number, Record>();
  const gaps = all.filter(matches).flatMap((after) => {
    const before = last.get(after.pid);
    last.set(after.pid, after);
    return before === undefined ? [] : [{ ns: at(after) - at(before), before, after }];
  });
  const end = ({ sequence, timestampNs, event }: Record) => ({ sequence, timestampNs, event });
  return gaps
    .sort((a, b) => Number(b.ns - a.ns))
    .slice(0, limit)
    .map(({ ns, before, after }) => ({
      durationNs: String(ns),
      pid: after.pid,
      before: end(before),
      after: end(after),
    }));
}

const [FROM_NS, TO_NS] = [START_NS + 9_000_000n, START_NS + 30_000_000n];

test.each<[string, Partial<GapQuery>, (found: Record) => boolean]>([
  ['of all events', {}, () => true],
  ['of one event', { event: ['write'] }, ({ event }) => event === 'write'],
  ['of two events', { event: ['read', 'tick'] }, ({ event }) => event !== 'write'],
  [
    'of a time range',
    { fromNs: FROM_NS, toNs: TO_NS },
    (found) => at(found) >= FROM_NS && at(found) <= TO_NS,
  ],
])('the longest gaps %s agree with the records', async (_, selection, matches) => {
  const { gaps } = await readGaps(store.pool, traceId, { ...selection, limit: 200 });
  expect(gaps).toHaveLength(200);
  expect(gaps).toEqual(expected(matches, 200));
});

test("an event's longest gap is the longest time between its records in the statistics", async () => {
  for (const { name, interArrival } of await traceStatistics(store.pool, traceId)) {
    const { gaps } = await readGaps(store.pool, traceId, { event: [name], limit: 1 });
    expect([name, gaps[0]!.durationNs]).toEqual([name, interArrival!.maxNs]);
  }
});

test("the API returns ten gaps, or a selection's gaps up to a limit", async () => {
  const get = (query: string) => client.get<TraceGaps>(`/v1/traces/${traceId}/gaps${query}`);
  expect((await get('')).gaps).toEqual(expected(() => true, 10));
  expect((await get(`?event=tick&fromNs=${FROM_NS}&toNs=${TO_NS}&limit=3`)).gaps).toEqual(
    expected((found) => found.event === 'tick' && at(found) >= FROM_NS && at(found) <= TO_NS, 3),
  );
});

test('gaps of an unknown event or trace, or of removed records, are refused', async () => {
  const { traceId: expired } = await storeTrace(store, EVENTS_FILE, [header()]);
  await store.pool.query('UPDATE trace SET expired_at = now() WHERE id = $1', [expired]);
  await expect(client.get(`/v1/traces/${traceId}/gaps?event=nothing`)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'event.0', message: 'the trace has no event "nothing"' }],
  });
  await expect(client.get(`/v1/traces/${expired}/gaps`)).rejects.toMatchObject({
    code: 'TRACE_EXPIRED',
  });
  await expect(client.get('/v1/traces/999999999/gaps')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a trace without records has no gaps', async () => {
  const { traceId: empty } = await storeTrace(store, EVENTS_FILE, [header()]);
  expect(await client.get(`/v1/traces/${empty}/gaps`)).toEqual({ gaps: [] });
});
