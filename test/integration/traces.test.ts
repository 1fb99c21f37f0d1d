import { acceptJob, claimJob } from '../../services/store/jobs.js';
import { insertSample } from '../../services/store/samples.js';
import { openStore, type Store } from '../../services/store/store.js';
import { readRecords } from '../../services/store/trace-records.js';
import { writeTrace } from '../../services/store/trace-write.js';
import { getTrace } from '../../services/store/traces.js';
import type { JobPlan, JobRequest } from '../../services/contract/job.js';
import type { TraceSource } from '../../services/domain/trace/trace-reader.js';
import { readTraceInThread } from '../../worker/collect/simpletrace/read-trace.js';
import { parseTraceEvents } from '../../worker/collect/trace-events.js';
import { dropped, header, mapping, record } from '../unit/collect/encoder.js';

const eventsFile = 'write(uint64_t address, int value, const char *name) "%d"\nread(uint8_t size) "%d"\n';
const events = parseTraceEvents(eventsFile);
const plan: JobPlan = { events: ['write', 'read'], variants: [], workloads: [], blocks: 6, sides: null, batches: 1, threshold: 0.02, thresholds: [], seed: 1 };

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());

async function newSample(): Promise<{ sampleId: string; jobId: string }> {
  const request = { name: 'trace' } as unknown as JobRequest;
  const { job } = await acceptJob(store, { request, plan, requestDigest: 'd' });
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const sampleId = await insertSample(store, job.id, epoch, {
    kind: 'timed', hostInstructions: null, guestInstructions: null, noise: null,
    variant: 'backend-simple', side: 'head', workload: 'w', batch: 1, block: 1, position: 0, wallNs: '1', userNs: '1', systemNs: '1', maxRssBytes: '1', exitStatus: 0,
    metrics: [], events: null, recordsStored: null, recordsDropped: null, hostFingerprint: 'sha256:x', buildKey: 'k', startedAt: new Date().toISOString(),
  });
  return { sampleId, jobId: job.id };
}

async function* pieces(buffers: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* buffers;
}

const source = (...buffers: Buffer[]): TraceSource => ({ reader: readTraceInThread(pieces(buffers), { events, maxBytes: Infinity }), eventsFile });

test('ten thousand records come back page by page, exactly as they were', async () => {
  const count = 10_000;
  const start = 2n ** 62n;
  const file = [header(), mapping(1n, 'write'), mapping(2n, 'read')];
  for (let index = 0; index < count; index++) {
    const time = start + BigInt(index * 7 - (index % 3) * 20); // records of several threads are not quite in order
    file.push(index % 5 === 0 ? record(2n, time, 8, BigInt(index % 256)) : record(1n, time, 7, 2n ** 64n - 1n - BigInt(index), BigInt(-index), `text ${index} ü`));
  }
  const owner = await newSample();
  const { traceId, totals } = await writeTrace(store.pool, owner, source(...file, dropped(1n, 3n)));

  expect(totals).toMatchObject({ records: count, dropped: 3, partialReason: null });
  let sequence = 0;
  for (let after: string | null | undefined; after !== null; ) {
    const page = await readRecords(store.pool, traceId, { after: after === undefined ? undefined : BigInt(after), limit: 999 });
    for (const found of page.records) {
      const time = start + BigInt(sequence * 7 - (sequence % 3) * 20);
      expect(found).toEqual(
        sequence % 5 === 0
          ? { sequence: String(sequence), timestampNs: String(time), event: 'read', pid: 8, arguments: { size: String(sequence % 256) } }
          : { sequence: String(sequence), timestampNs: String(time), event: 'write', pid: 7, arguments: { address: String(2n ** 64n - 1n - BigInt(sequence)), value: String(-sequence), name: `text ${sequence} ü` } },
      );
      sequence++;
    }
    after = page.next;
  }
  expect(sequence).toBe(count);
  expect((await getTrace(store.pool, traceId))!.events.map(({ name, count: n }) => [name, n])).toEqual([['read', '2000'], ['write', '8000']]);
});

test('a trace cut short keeps what was read, and is marked', async () => {
  const whole = record(2n, 5n, 1, 1n);
  const { traceId } = await writeTrace(store.pool, await newSample(), source(header(), mapping(2n, 'read'), whole, whole.subarray(0, 20)));

  expect(await getTrace(store.pool, traceId)).toMatchObject({ records: '1', partial: true });
});

test('a file that is no trace is a trace without records that says why', async () => {
  const { traceId } = await writeTrace(store.pool, await newSample(), source(header(1n)));

  expect(await getTrace(store.pool, traceId)).toMatchObject({ records: '0', partial: true, partialReason: 'no trace file: wrong magic number (at byte 8)', sha256: null, rawBytes: '0' });
});

test('a stream that breaks leaves nothing behind', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([header(), mapping(2n, 'read'), record(2n, 5n, 1, 1n)]);
    throw new Error('connection lost');
  }
  const owner = await newSample();

  await expect(writeTrace(store.pool, owner, { reader: readTraceInThread(broken(), { events, maxBytes: Infinity }), eventsFile })).rejects.toThrow('connection lost');
  expect((await store.pool.query('SELECT 1 FROM trace WHERE sample_id = $1', [owner.sampleId])).rowCount).toBe(0);
});
