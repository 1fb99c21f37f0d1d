// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import type { TraceRecord } from '#contract/trace.js';
import { maxColumnBytes, packWords } from '#domain/trace/column.js';
import { openStore, type Store } from '#store/store.js';
import { readHistogram } from '#store/trace-histogram.js';
import { readRecords, type PageRequest } from '#store/trace-records.js';
import { getTrace, traceStatistics } from '#store/traces.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';
import { NUMBER_CASES, wordsOf } from '#support/number-cases.js';

const EVENTS_FILE =
  'write(uint64_t address, int value, const char *name) "%d"\nread(uint8_t size) "%d"\ntick(void) ""\n';
const COUNT = 40_000;
const START_NS = 7_000_000_000_000n;

/** Record `index` of the trace: two threads, whose times are not in file order. */
function expected(index: number): TraceRecord {
  const timestampNs = START_NS + BigInt(index * 700 - (index % 2) * 5_000_000 + 5_000_000);
  const common = {
    sequence: String(index),
    timestampNs: String(timestampNs),
    pid: 10 + (index % 2),
  };
  if (index % 100 === 99) return { ...common, event: 'tick', arguments: {} };
  if (index % 4 === 3)
    return { ...common, event: 'read', arguments: { size: String(index % 256) } };
  return {
    ...common,
    event: 'write',
    arguments: {
      address: String(2n ** 64n - 1n - BigInt(index)),
      value: String(1000 - index),
      name: `name ${index % 7}`,
    },
  };
}

const all = Array.from({ length: COUNT }, (_, index) => expected(index));
const at = (found: TraceRecord) => BigInt(found.timestampNs);

function bytesOf({ event, timestampNs, pid, arguments: values }: TraceRecord): Buffer {
  const time = BigInt(timestampNs);
  if (event === 'tick') return record(3n, time, pid);
  return event === 'read'
    ? record(2n, time, pid, BigInt(values.size!))
    : record(1n, time, pid, BigInt(values.address!), BigInt(values.value!), values.name!);
}

let store: Store;
let traceId: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  ({ traceId } = await storeTrace(store, EVENTS_FILE, [
    header(),
    mapping(1n, 'write'),
    mapping(2n, 'read'),
    mapping(3n, 'tick'),
    ...all.map(bytesOf),
  ]));
}, 60_000);
afterAll(() => store.close());

async function pages(request: Omit<PageRequest, 'after'>): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for (let after: bigint | undefined; ;) {
    const page = await readRecords(store.pool, traceId, { ...request, after });
    records.push(...page.records);
    if (page.next === null) return records;
    after = BigInt(page.next);
  }
}

test.each<[string, Omit<PageRequest, 'after' | 'limit'>, (found: TraceRecord) => boolean]>([
  ['of one event', { event: ['read'] }, ({ event }) => event === 'read'],
  ['of an event without arguments', { event: ['tick'] }, ({ event }) => event === 'tick'],
  [
    'of a time range',
    { fromNs: START_NS + 9_000_000n, toNs: START_NS + 9_700_000n },
    (found) => at(found) >= START_NS + 9_000_000n && at(found) <= START_NS + 9_700_000n,
  ],
  [
    'with an address, in hexadecimal',
    { where: ['address=0xffffffffffffff00'] },
    ({ arguments: { address } }) => address === String(0xffff_ffff_ffff_ff00n),
  ],
  [
    'with a negative value',
    { where: ['value<-38900'] },
    ({ arguments: { value } }) => Number(value) < -38_900,
  ],
  [
    'with values of a range',
    { where: ['value >= -5', 'value<=5'] },
    ({ arguments: { value } }) => Math.abs(Number(value)) <= 5,
  ],
  [
    'with any other value',
    { where: ['value!=7'], event: ['write'] },
    ({ event, arguments: { value } }) => event === 'write' && value !== '7',
  ],
  ['with an impossible number', { where: ['size>-1', 'size<0'] }, () => false],
  [
    'with a text',
    { where: ['name=name 3', 'value>0'] },
    ({ arguments: { name, value } }) => name === 'name 3' && Number(value) > 0,
  ],
  [
    'with a part of a text',
    { where: ['name~e 5'], toNs: START_NS + 6_000_000n },
    (found) => found.arguments.name === 'name 5' && at(found) <= START_NS + 6_000_000n,
  ],
])('records %s come page by page, without a gap', async (_, selection, matches) => {
  expect(await pages({ ...selection, limit: 777 })).toEqual(all.filter(matches));
});

test.each([
  [{ event: ['write', 'nothing'] }, 'event.1', 'the trace has no event "nothing"'],
  [
    { where: ['value'] },
    'where.0',
    '"value" is not a condition like addr=0x3f8; operators are = != < <= > >= and ~',
  ],
  [
    { where: ['colour=1'] },
    'where',
    'no chosen event has an argument "colour"; they have size, address, value, name',
  ],
  [
    { event: ['read'], where: ['value=1'] },
    'where',
    'no chosen event has an argument "value"; they have size',
  ],
  [{ where: ['value=many'] }, 'where', 'value is a number, but "many" is not (decimal or 0x…)'],
  [{ where: ['value~1'] }, 'where', 'value is a number: ~ compares text only'],
  [{ where: ['name<b'] }, 'where', 'name is text: only =, != and ~ (contains) compare it'],
])('an invalid selection is refused with field and rule: %j', async (selection, path, message) => {
  await expect(readRecords(store.pool, traceId, { ...selection, limit: 1 })).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path, message }],
  });
});

test.each([
  ['the whole trace', {}, 500],
  ['the whole trace in one bin', {}, 1],
  ['one event', { event: ['tick'] }, 2000],
  ['a part', { fromNs: START_NS + 6_000_000n, toNs: START_NS + 20_000_000n }, 100],
  [
    'a part finer than the stored histogram',
    { fromNs: START_NS + 9_000_123n, toNs: START_NS + 9_050_000n },
    400,
  ],
  ['a range beyond the trace', { fromNs: 0n, toNs: 2n * START_NS }, 300],
])(
  'a histogram of %s agrees with the records',
  async (_, selection: { event?: string[]; fromNs?: bigint; toNs?: bigint }, bins) => {
    const trace = (await getTrace(store.pool, traceId))!;
    const histogram = await readHistogram(store.pool, trace, { ...selection, bins });

    const binNs = BigInt(histogram.binNs);
    const fromNs = BigInt(histogram.fromNs);
    const untilNs = fromNs + binNs * BigInt(histogram.bins);
    expect(histogram.bins).toBeLessThanOrEqual(bins);
    expect([
      fromNs <= (selection.fromNs ?? BigInt(trace.firstNs!)),
      untilNs > (selection.toNs ?? BigInt(trace.lastNs!)),
    ]).toEqual([true, true]);
    for (const { name, counts } of histogram.events) {
      const expected = new Array<number>(histogram.bins).fill(0);
      for (const found of all)
        if (found.event === name && at(found) >= fromNs && at(found) < untilNs)
          expected[Number((at(found) - fromNs) / binNs)]! += 1;
      expect(counts).toEqual(expected);
    }
    expect(histogram.events.map(({ name }) => name)).toEqual(
      selection.event ?? ['write', 'read', 'tick'],
    );
  },
);

test('a zoom has bins of the requested width or less than twice that', async () => {
  const trace = (await getTrace(store.pool, traceId))!;
  const histogram = await readHistogram(store.pool, trace, {
    fromNs: START_NS + 9_000_000n,
    toNs: START_NS + 9_001_000n,
    bins: 200,
  });
  expect([histogram.binNs, histogram.bins]).toEqual(['8', 126]);
});

test('statistics have rates, formats and times between the records of a thread', async () => {
  const [write, read, tick] = await traceStatistics(store.pool, traceId);

  expect([write, read, tick].map((event) => [event!.name, event!.count, event!.format])).toEqual([
    ['write', '30000', '"%d"'],
    ['read', '9600', '"%d"'],
    ['tick', '400', '""'],
  ]);
  // All ticks have odd numbers, so they belong to one thread, 100 records 700 ns apart.
  expect(tick).toMatchObject({
    interArrival: {
      count: '399',
      minNs: '70000',
      meanNs: 70_000,
      p50Ns: '70000',
      p999Ns: '70000',
      maxNs: '70000',
    },
  });
  expect(tick!.perSecond).toBeCloseTo(1e9 / 70_000, 6);
});

test("the SQL view has a row per record, with the API's values", async () => {
  const { rows } = await store.pool.query<{
    sequence: string;
    timestamp_ns: string;
    event: string;
    pid: string;
    arguments: string;
  }>(
    'SELECT sequence, timestamp_ns, event, pid, arguments::text FROM qibench_trace_record ' +
      'WHERE trace_id = $1 AND (sequence < 300 OR sequence > $2) ORDER BY sequence',
    [traceId, COUNT - 300],
  );
  const numbers = /^-?\d+$/;
  const found = rows.map((row): TraceRecord => ({
    sequence: row.sequence,
    timestampNs: row.timestamp_ns,
    event: row.event,
    pid: Number(row.pid),
    // Reads 64-bit numbers from the text: JSON.parse would round them.
    arguments: Object.fromEntries(
      [...row.arguments.matchAll(/"(\w+)": ("[^"]*"|-?\d+)/g)].map(([, name, value]) => [
        name!,
        numbers.test(value!) ? value! : (JSON.parse(value!) as string),
      ]),
    ),
  }));
  expect(found).toEqual([...all.slice(0, 300), ...all.slice(COUNT - 299)]);
});

test('the view qibench_trace_record has the documented columns', async () => {
  const { rows } = await store.pool.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ' +
      "'qibench_trace_record' ORDER BY ordinal_position",
  );
  const documented = [
    ...readFileSync('docs/formats.md', 'utf8')
      .split('`qibench_trace_record` has')[1]!
      .matchAll(/^\| `(\w+)` \| (\w+) \|/gm),
  ].map(([, name, type]) => [name, type]);
  expect(rows.map(({ column_name: name, data_type: type }) => [name, type])).toEqual(documented);
});

test.each(NUMBER_CASES)('SQL unpacks %s as the service does', async (_, numbers) => {
  const out = new Uint8Array(maxColumnBytes(numbers.length, 1));
  const packed = Buffer.from(
    out.subarray(0, packWords(wordsOf(numbers), null, 0, numbers.length, out, 0)),
  );
  const { rows } = await store.pool.query<{ numbers: string[] }>(
    'SELECT qibench_unpack($1, $2::int[]) AS numbers',
    [packed, [numbers.length]],
  );
  expect(rows[0]!.numbers).toEqual(numbers.map((number) => BigInt.asIntN(64, number).toString()));
});

test('a page of long texts ends early, and the pages together have every record', async () => {
  const text = 'x'.repeat(60_000);
  const { traceId: long } = await storeTrace(store, 'note(const char *text) "%s"\n', [
    header(),
    mapping(1n, 'note'),
    ...Array.from({ length: 200 }, (_, at) => record(1n, BigInt(at), 1, text)),
  ]);

  const sequences: string[] = [];
  let longest = 0;
  for (let after: bigint | undefined, more = true; more;) {
    const page = await readRecords(store.pool, long, { limit: 10_000, after });
    longest = Math.max(longest, page.records.length);
    sequences.push(...page.records.map(({ sequence }) => sequence));
    more = page.next !== null;
    after = BigInt(page.next ?? 0);
  }
  expect(longest).toBeLessThan(100);
  expect(sequences).toEqual(Array.from({ length: 200 }, (_, at) => String(at)));
}, 60_000);
