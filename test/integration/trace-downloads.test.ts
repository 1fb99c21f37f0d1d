// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { Client } from '#cli/client.js';
import type { Trace, TraceRecord } from '#contract/trace.js';
import type { TraceComparison } from '#contract/trace-query.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { askPerfetto } from '#tools/perfetto.js';
import { storeTrace } from '#support/stored-trace.js';
import { dropped, header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE =
  'write(void *mr, uint64_t address, const char *name) "%d"\nread(uint8_t size) "%d"\n';
const COUNT = 40_000;

/**
 * A trace file with every feature: late event names, lost records, texts of invalid UTF-8, and a
 * missing end.
 */
function fileOf({ count = COUNT, pointer = 0n, changed = -1, cut = 0 }): Buffer[] {
  const file = [header(), mapping(1n, 'write'), mapping(9n, 'elsewhere')];
  for (let index = 0; index < count; index += 1) {
    const timeNs = BigInt(1_000_000 + index * 3);
    if (index === 20_000) file.push(mapping(2n, 'read'), dropped(timeNs, 5n), mapping(1n, 'write'));
    if (index % 3 === 2 && index > 20_000) file.push(record(2n, timeNs, 3, BigInt(index % 200)));
    else
      file.push(
        record(
          1n,
          timeNs,
          2,
          pointer + BigInt(index % 4),
          index === changed ? 0xbadn : BigInt(index) << 40n,
          index % 11 === 0 ? 'a\0,"=\n' : '=',
        ),
      );
  }
  file.push(dropped(9n, 2n));
  const bytes = Buffer.concat(file);
  bytes.subarray(bytes.indexOf('a\0,')).fill(0xff, 0, 1);
  return [bytes.subarray(0, bytes.length - cut)];
}

let store: Store;
let client: Client;
let stop: () => Promise<void>;
let traceId: string;
let jobId: string;
const original = fileOf({ cut: 11 })[0]!;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  ({ client, stop } = await startApi());
  ({ traceId, jobId } = await storeTrace(store, EVENTS_FILE, [original]));
}, 300_000);
afterAll(async () => {
  await stop();
  await store.close();
});

const text = async (path: string) => (await client.open(path)).text();

test('the raw file downloads byte for byte, with the list of events that its reader needs', async () => {
  const raw = Buffer.from(await (await client.open(`/v1/traces/${traceId}/raw`)).arrayBuffer());
  const trace = await client.get<Trace>(`/v1/traces/${traceId}`);

  expect(raw.equals(original)).toBe(true);
  expect(trace).toMatchObject({
    sha256: createHash('sha256').update(raw).digest('hex'),
    rawBytes: String(original.length),
    partial: true,
    dropped: '5',
    quotaReached: false,
  });
  expect(await text(`/v1/traces/${traceId}/events-file`)).toBe(EVENTS_FILE);
});

test('NDJSON and CSV have one line per record, and only the selected records', async () => {
  const records = (await text(`/v1/traces/${traceId}/export?format=ndjson`))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceRecord & { schema: string });
  expect(records).toHaveLength(COUNT);
  expect(records[20_002]).toEqual({
    schema: 'qibench.trace-record/1',
    sequence: '20002',
    timestampNs: '1060006',
    event: 'write',
    pid: 2,
    arguments: { mr: '2', address: String((20_002n << 40n) % 2n ** 64n), name: '=' },
  });

  const reads = await text(
    `/v1/traces/${traceId}/export?format=csv&event=read&fromNs=1060000&toNs=1060100`,
  );
  expect(reads.split('\r\n').slice(0, 2)).toEqual([
    'sequence,timestamp_ns,event,pid,arguments',
    '20003,1060009,read,3,"{""size"":""3""}"',
  ]);
});

test('Chrome JSON is one document of instants in µs, on a track per thread', async () => {
  const { traceEvents, otherData } = JSON.parse(
    await text(`/v1/traces/${traceId}/export?format=chrome&event=read`),
  ) as { traceEvents: Record<string, unknown>[]; otherData: object };
  expect(otherData).toMatchObject({ trace: traceId, job: jobId, dropped: '5' });
  expect(traceEvents[0]).toEqual({ ph: 'M', name: 'process_name', pid: 1, args: { name: 'QEMU' } });
  expect(traceEvents[1]).toEqual({
    ph: 'i',
    s: 't',
    cat: 'qemu',
    name: 'read',
    pid: 1,
    tid: 3,
    ts: 1060.009,
    args: { size: '3', sequence: '20003' },
  });
});

test(
  'every event of a Chrome JSON trace follows the Trace Event Format: a valid phase, numbers ' +
    'where required, a scope for instants',
  async () => {
    const { traceEvents, displayTimeUnit } = JSON.parse(
      await text(`/v1/traces/${traceId}/export?format=chrome`),
    ) as { displayTimeUnit: string; traceEvents: Record<string, unknown>[] };
    const broken = traceEvents.filter(({ ph, name, pid, tid, ts, s, cat, args, ...others }) => {
      const common =
        typeof name === 'string' &&
        name !== '' &&
        Number.isInteger(pid) &&
        typeof args === 'object' &&
        Object.keys(others).length === 0;
      if (ph === 'M') return !(common && name === 'process_name');
      return !(
        ph === 'i' &&
        common &&
        s === 't' &&
        typeof cat === 'string' &&
        Number.isInteger(tid) &&
        typeof ts === 'number' &&
        ts >= 0 &&
        Object.values(args as object).every((value) => typeof value === 'string')
      );
    });
    expect(broken).toEqual([]);
    expect([traceEvents.length, displayTimeUnit]).toEqual([COUNT + 1, 'ns']);
    expect(
      new Set(traceEvents.slice(1).map(({ args }) => (args as { sequence: string }).sequence)).size,
    ).toBe(COUNT);
  },
);

test(
  'Perfetto reads every record of a Chrome JSON trace exactly, to the nanosecond, without a ' +
    'complaint',
  async () => {
    const records = (await text(`/v1/traces/${traceId}/export?format=ndjson`))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceRecord);
    const [read, process, errors] = await askPerfetto(
      await text(`/v1/traces/${traceId}/export?format=chrome`),
      [
        `select ts, s.name, tid, dur, category,
           group_concat(substr(key, 6) || '=' || hex(string_value), ' ')
         from slice s
         join thread_track on track_id = thread_track.id
         join thread using (utid)
         join args using (arg_set_id)
         where key not in ('args.sequence')
         group by s.id
         order by (
           select cast(string_value as int) from args a
           where a.arg_set_id = s.arg_set_id and key = 'args.sequence'
         )`,
        `select pid, name from process
         where upid in (select upid from thread_track join thread using (utid))`,
        "select name, value from stats where severity in ('error', 'data_loss') and value > 0",
      ],
    );

    // Perfetto's texts end at a NUL, like QEMU's.
    const hex = (value: string) => Buffer.from(value.split('\0')[0]!).toString('hex').toUpperCase();
    const recorded = records.map(({ timestampNs, event, pid, arguments: values }) => [
      timestampNs,
      event,
      String(pid),
      '0',
      'qemu',
      Object.entries(values)
        .map(([name, value]) => `${name}=${hex(value)}`)
        .sort()
        .join(' '),
    ]);
    expect(
      read!.map((row) => [...row.slice(0, -1), String(row.at(-1)).split(' ').sort().join(' ')]),
    ).toEqual(recorded);
    expect([process, errors]).toEqual([[['1', 'QEMU']], []]);
  },
  300_000,
);

test('an impossible export is refused before it starts', async () => {
  await expect(
    client.open(`/v1/traces/${traceId}/export?format=csv&event=none`),
  ).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'event.0', message: 'the trace has no event "none"' }],
  });
});

test('two traces are equal up to their first differing record, and arguments can be ignored', async () => {
  const moved = await storeTrace(store, EVENTS_FILE, fileOf({ pointer: 0x7f00n }));
  const changed = await storeTrace(store, EVENTS_FILE, fileOf({ changed: 30_001 }));
  const shorter = await storeTrace(store, EVENTS_FILE, fileOf({ count: 25_000 }));
  const compare = (other: string, query = '') =>
    client.get<TraceComparison>(`/v1/traces/compare?a=${traceId}&b=${other}${query}`);

  expect(await compare(traceId)).toMatchObject({
    divergence: null,
    compared: String(COUNT),
    next: null,
    complete: false,
  });
  expect(await compare(moved.traceId)).toMatchObject({
    divergence: { index: '0', a: { arguments: { mr: '0' } }, b: { arguments: { mr: '32512' } } },
    compared: '0',
    next: null,
  });
  expect(await compare(moved.traceId, '&ignore=mr')).toMatchObject({
    divergence: null,
    compared: String(COUNT),
  });
  expect(await compare(changed.traceId, '&after=20000')).toMatchObject({
    divergence: { index: '30001', a: { sequence: '30001' }, b: { arguments: { address: '2989' } } },
    compared: '30001',
  });
  expect(await compare(shorter.traceId)).toMatchObject({
    divergence: { index: '25000', a: { sequence: '25000' }, b: null },
    counts: [{ event: 'read', a: '6666' }, { event: 'write' }],
  });
}, 300_000);

test('an argument to ignore that neither trace has is refused', async () => {
  await expect(
    client.get(`/v1/traces/compare?a=${traceId}&b=${traceId}&ignore=mr&ignore=pointer`),
  ).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'ignore.1', message: 'neither trace has an argument "pointer"' }],
  });
});
