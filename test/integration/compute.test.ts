import { performance } from 'node:perf_hooks';
import { Compute } from '../../services/api/compute/compute.js';
import type { Sample } from '../../services/contract/sample.js';
import { compareJob } from '../../services/domain/comparison.js';
import { random } from '../../services/statistics/random.js';
import { acceptJob, claimJob, getJob } from '../../services/store/jobs.js';
import { insertSample, listSamples } from '../../services/store/samples.js';
import { openStore, type Store } from '../../services/store/store.js';
import { measuredJob } from '../measured-job.js';

let store: Store;
let compute: Compute;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  compute = new Compute(store, []);
}, 30_000);
afterAll(async () => {
  await compute.close();
  await store.close();
});

const next = random(21);
const WALL = { metric: 'wallNs', mixedHosts: false };
const VARIANTS = ['none', 'idle', 'dynamic', 'static'];

function blocksOf(
  count: number,
  hostOf: (block: number) => string = () => 'sha256:a',
): Omit<Sample, 'id' | 'traceId'>[] {
  return Array.from({ length: count }, (_, block) =>
    VARIANTS.map((variant, position) => ({
      variant,
      side: 'head' as const,
      batch: 1,
      workload: 'port-io',
      block: block + 1,
      position,
      wallNs: String(Math.round(1e9 * (1 + 0.1 * position + 0.05 * next()))),
      userNs: '1',
      systemNs: '1',
      maxRssBytes: '1',
      exitStatus: 0,
      metrics: [],
      events: { tick: '1000' },
      recordsStored: null,
      recordsDropped: null,
      kind: 'timed' as const,
      hostInstructions: null,
      guestInstructions: null,
      noise: null,
      hostFingerprint: hostOf(block),
      buildKey: 'key',
      startedAt: new Date().toISOString(),
    })),
  ).flat();
}

test('a comparison is what it is in one thread, and the thread that asks for it stays free', async () => {
  const job = (await getJob(store, await measuredJob(store, blocksOf(100))))!;
  const before = performance.eventLoopUtilization();
  const comparison = await compute.compare(job, WALL);
  const { utilization } = performance.eventLoopUtilization(before);

  expect(comparison).toEqual(compareJob(job.id, job.plan, await listSamples(store, job.id)));
  expect(utilization).toBeLessThan(0.5);
}, 60_000);

test('the comparison of a job that has ended is made once', async () => {
  const job = (await getJob(store, await measuredJob(store, blocksOf(6))))!;
  const comparison = await compute.compare(job, WALL);
  expect(await compute.compare(job, WALL)).toBe(comparison);
  expect(await compute.compare(job, { ...WALL, metric: 'userNs' })).not.toBe(comparison);
}, 30_000);

test('the comparison of a job that is measured is made again once there are more samples', async () => {
  const ended = (await getJob(store, await measuredJob(store, blocksOf(6))))!;
  const { id } = (
    await acceptJob(store, { request: ended.request, plan: ended.plan, requestDigest: 'digest' })
  ).job;
  const { epoch } = (await claimJob(store, id, 'test'))!;
  const samples = blocksOf(2);
  for (const sample of samples.slice(0, VARIANTS.length))
    await insertSample(store, id, epoch, sample);
  const job = (await getJob(store, id))!;
  const first = await compute.compare(job, WALL);
  expect([(await compute.compare(job, WALL)) === first, first.rows[0]!.blocks]).toEqual([true, 1]);

  for (const sample of samples.slice(VARIANTS.length)) await insertSample(store, id, epoch, sample);
  expect((await compute.compare(job, WALL)).rows[0]!.blocks).toBe(2);
}, 30_000);

test('errors of the catalogue come out of a thread as they are', async () => {
  const job = (await getJob(
    store,
    await measuredJob(
      store,
      blocksOf(6, (block) => `sha256:${block % 2}`),
    ),
  ))!;
  await expect(compute.compare(job, WALL)).rejects.toMatchObject({
    code: 'MIXED_HOSTS',
    http: 409,
    message: expect.stringContaining('sha256:0, sha256:1'),
  });
  await expect(compute.compare(job, { ...WALL, metric: 'none' })).rejects.toMatchObject({
    code: 'UNKNOWN_METRIC',
  });
}, 30_000);

test('what is asked for while the service ends is refused', async () => {
  const ending = new Compute(store, []);
  const asked = ending.changes(
    { project: 'p', branch: 'main', workload: 'w', variant: 'v', metric: 'm' },
    [],
  );
  await Promise.all([expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' }), ending.close()]);
});
