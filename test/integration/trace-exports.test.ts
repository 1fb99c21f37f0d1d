// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '#cli/client.js';
import type { TraceRecord } from '#contract/trace.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { execute, installPackages } from '#support/debian-tools.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';
import { askPerfetto } from '#tools/perfetto.js';

// Some names are keywords of CTF's description, and one format does not fit its arguments.
const EVENTS_FILE = String.raw`
write(void *mr, uint64_t addr, int64_t event, const char *string) "mr %p addr 0x%"PRIx64" by %"PRId64" \"%s\""
read(uint8_t size) "%d %d"
vcpu tick(int count) "%d"
silent(void) ""
`;
/** More than a CTF stream has. */
const COUNT = 110_000;
/** The end of a part that has 30,000 records. */
const PART = 'toNs=1000000299999';

/** Records of three threads, whose times are not in the order of the file. */
function fileOf(): Buffer[] {
  const file = [
    header(),
    mapping(1n, 'write'),
    mapping(2n, 'read'),
    mapping(3n, 'tick'),
    mapping(4n, 'silent'),
  ];
  for (let index = 0; index < COUNT; index += 1) {
    const pid = 5 + (index % 3);
    const timeNs = 1_000_000_000_000n + BigInt(index * 10 - (index % 3) * 15);
    if (index % 4 === 0)
      file.push(
        record(
          1n,
          timeNs,
          pid,
          BigInt(0x7f0000000000 + index),
          BigInt(index) << 45n,
          BigInt(-index),
          index % 8 === 0 ? 'grüße, "x"\n' : `after\0the end`,
        ),
      );
    else if (index % 4 === 1) file.push(record(2n, timeNs, pid, BigInt(index % 256)));
    else if (index % 4 === 2) file.push(record(3n, timeNs, pid, 4096n, BigInt(-index)));
    else file.push(record(4n, timeNs, pid));
  }
  return [Buffer.concat(file)];
}

/** The text of a record, made without the service's code. */
function messageOf({ event, arguments: values }: TraceRecord): string | null {
  if (event === 'silent') return '';
  if (event === 'tick') return `cpu=0x1000 ${values.count}`;
  if (event === 'read') return null;
  const hex = (name: string) => `0x${BigInt(values[name]!).toString(16)}`;
  return `mr ${hex('mr')} addr ${hex('addr')} by ${values.event} "${values.string!.split('\0')[0]}"`;
}

let store: Store;
let client: Client;
let stop: () => Promise<void>;
let traceId: string;
let all: TraceRecord[];
/** The records of that part. */
let records: TraceRecord[];
let folder: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  ({ client, stop } = await startApi());
  ({ traceId } = await storeTrace(store, EVENTS_FILE, fileOf()));
  all = (await exported('ndjson'))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceRecord);
  records = all.filter(({ timestampNs }) => BigInt(timestampNs) <= 1_000_000_299_999n);
  folder = await mkdtemp(join(tmpdir(), 'qibench-trace-exports-'));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await stop();
  await store.close();
});

async function exported(query: string): Promise<Buffer> {
  const answer = await client.open(`/v1/traces/${traceId}/export?format=${query}`);
  return Buffer.from(await answer.arrayBuffer());
}

const inTime = (all: readonly TraceRecord[]) =>
  [...all].sort((a, b) => Number(BigInt(a.timestampNs) - BigInt(b.timestampNs)));
const shown = (value: string) => value.split('\0')[0]!;

test(
  "Perfetto reads every record of its own format: times, threads, typed arguments, the format's " +
    'text, and one flow per thread',
  async () => {
    const [slices, args, flows, processes, errors] = await askPerfetto(
      await exported(`perfetto&${PART}`),
      [
        `select s.id, ts, s.name, tid, dur, category
         from slice s
         join thread_track on track_id = thread_track.id
         join thread using (utid)
         order by s.id`,
        `select s.id, substr(a.key, 7), a.value_type, a.int_value, a.string_value
         from slice s
         join args a using (arg_set_id)
         where a.key glob 'debug.*'
         order by s.id, a.key`,
        'select slice_out, slice_in from flow',
        `select pid, name from process
         where upid in (select upid from thread_track join thread using (utid))`,
        "select name, value from stats where severity in ('error', 'data_loss') and value > 0",
      ],
    );
    expect([processes, errors]).toEqual([[['1', 'QEMU']], []]);

    const typed = new Map<string, Record<string, unknown[]>>();
    for (const [id, key, type, integer, text] of args!) {
      const slice = typed.get(String(id)) ?? {};
      typed.set(String(id), slice);
      slice[String(key)] = [type, type === 'string' ? text : integer];
    }
    const read = new Map(
      slices!.map(([id, ...slice]) => [
        String(typed.get(String(id))!.sequence![1]),
        [...slice.map(String), typed.get(String(id))],
      ]),
    );
    const integer = (type: string, value: string) => [
      type,
      BigInt.asIntN(64, BigInt(value)).toString(),
    ];
    const expected = new Map(
      records.map((one) => {
        const { sequence, timestampNs, event, pid, arguments: values } = one;
        const message = messageOf(one);
        return [
          sequence,
          [
            timestampNs,
            event,
            String(pid),
            '0',
            'qemu',
            {
              sequence: integer('uint', sequence),
              ...(message === null ? {} : { message: ['string', message] }),
              ...(values.mr === undefined
                ? {}
                : {
                    mr: integer('pointer', values.mr),
                    addr: integer('uint', values.addr!),
                    event: integer('int', values.event!),
                    string: ['string', shown(values.string!)],
                  }),
              ...(values.size === undefined ? {} : { size: integer('uint', values.size) }),
              ...(values.count === undefined
                ? {}
                : {
                    __cpu: integer('pointer', values.__cpu!),
                    count: integer('int', values.count),
                  }),
            },
          ],
        ];
      }),
    );
    const wrong = [...expected].filter(
      ([sequence, one]) => !isDeepStrictEqual(read.get(sequence), one),
    );
    expect(read.size).toBe(expected.size);
    expect(wrong.slice(0, 3).map(([sequence]) => read.get(sequence))).toEqual(
      wrong.slice(0, 3).map(([, one]) => one),
    );

    // A flow leads from each record to the next of its thread, in time.
    const sequences = new Map(
      slices!.map(([id]) => [String(id), String(typed.get(String(id))!.sequence![1])]),
    );
    const arrows = flows!.map((ends) => ends.map((id) => sequences.get(String(id))).join(' '));
    const steps = [5, 6, 7].flatMap((pid) => {
      const thread = inTime(records.filter((one) => one.pid === pid));
      return thread.slice(1).map(({ sequence }, index) => `${thread[index]!.sequence} ${sequence}`);
    });
    const known = new Set(steps);
    expect(arrows.filter((arrow) => !known.has(arrow)).slice(0, 3)).toEqual([]);
    expect(new Set(arrows).size).toBe(known.size);
  },
  120_000,
);

/** Unpacks the export and returns what babeltrace2 prints of it, a line per record. */
async function byBabeltrace(query: string): Promise<{ lines: string[]; complaints: string }> {
  await installPackages('babeltrace2');
  const name = encodeURIComponent(query);
  await writeFile(join(folder, name), await exported(query));
  await execute('tar', ['-xf', join(folder, name), '-C', folder]);
  const [trace] = (await readdir(folder)).filter((entry) => entry.startsWith('qibench-trace-'));
  const { stdout, stderr } = await execute(
    'babeltrace2',
    ['--clock-seconds', '--no-delta', '--names', 'payload,context', join(folder, trace!)],
    { maxBuffer: 2 ** 28 },
  );
  await rm(join(folder, trace!), { recursive: true });
  return { lines: stdout.trimEnd().split('\n'), complaints: stderr };
}

const quoted = (text: string) =>
  `"${shown(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

test('babeltrace2 reads every record of a CTF trace, in the order of time, without a complaint', async () => {
  const { lines, complaints } = await byBabeltrace('ctf');
  const expected = inTime(all).map((one) => {
    const { timestampNs, event, pid, sequence, arguments: values } = one;
    const time = `${timestampNs.slice(0, -9)}.${timestampNs.slice(-9)}`;
    const context = `pid = ${pid}, sequence = ${sequence}, message = ${quoted(messageOf(one) ?? '')}`;
    const fields = Object.entries(values).map(([name, value]) => {
      if (name === 'string') return `string = ${quoted(value)}`;
      const pointer = name === 'mr' || name === '__cpu';
      return `${name} = ${pointer ? `0x${BigInt(value).toString(16).toUpperCase()}` : value}`;
    });
    return `[${time}] ${event}: { ${context} }, { ${fields.join(', ')}${fields.length > 0 ? ' ' : ''}}`;
  });
  expect(complaints).toBe('');
  const wrong = lines.findIndex((line, index) => line !== expected[index]);
  expect(lines[wrong]).toBe(expected[wrong]);
  expect(lines.length).toBe(COUNT);
}, 120_000);

test('a CTF trace without any record can be read', async () => {
  expect(await byBabeltrace('ctf&toNs=1')).toEqual({ lines: [''], complaints: '' });
}, 120_000);

test("the log has a line per record as QEMU's log backend writes it", async () => {
  const lines = records.map((one) => {
    const us = BigInt(one.timestampNs) / 1000n;
    const time = `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, '0')}`;
    const text = messageOf(one) ?? `size=${one.arguments.size}`;
    return `${one.pid}@${time}:${one.event} ${text}\n`;
  });
  expect((await exported(`log&${PART}`)).toString()).toBe(lines.join(''));
});
