// SPDX-License-Identifier: GPL-2.0-or-later
import { performance } from 'node:perf_hooks';
import { Compute } from '#api/compute/compute.js';
import { compareJob } from '#domain/comparison.js';
import { random } from '#statistics/random.js';
import { acceptJob, claimJob, getJob } from '#store/jobs.js';
import { insertSamples, listSamples, type NewSample } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { measuredJob } from '#support/measured-job.js';
import { newSampleOf } from '#support/sample.js';

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
): NewSample[] {
  return Array.from({ length: count }, (_, block) =>
    VARIANTS.map((variant, position) =>
      newSampleOf({
        variant,
        workload: 'port-io',
        block: block + 1,
        position,
        wallNs: String(Math.round(1e9 * (1 + 0.1 * position + 0.05 * next()))),
        events: { tick: '1000' },
        hostFingerprint: hostOf(block),
      }),
    ),
  ).flat();
}

test('a comparison is the same in a worker thread, and leaves the calling thread free', async () => {
  const job = (await getJob(store, await measuredJob(store, blocksOf(100))))!;
  const before = performance.eventLoopUtilization();
  const comparison = await compute.compare(job, WALL);
  const { utilization } = performance.eventLoopUtilization(before);

  expect(comparison).toEqual(compareJob(job.id, job.plan, await listSamples(store, job.id)));
  expect(utilization).toBeLessThan(0.5);
}, 60_000);

test('the comparison of an ended job is computed once', async () => {
  const job = (await getJob(store, await measuredJob(store, blocksOf(6))))!;
  const comparison = await compute.compare(job, WALL);
  expect(await compute.compare(job, WALL)).toBe(comparison);
  expect(await compute.compare(job, { ...WALL, metric: 'userNs' })).not.toBe(comparison);
}, 30_000);

test('the comparison of a running job is recomputed after new samples', async () => {
  const ended = (await getJob(store, await measuredJob(store, blocksOf(6))))!;
  const { id } = (
    await acceptJob(store, { request: ended.request, plan: ended.plan, requestDigest: 'digest' })
  ).job;
  const { epoch } = (await claimJob(store, id, 'test'))!;
  const samples = blocksOf(2);
  await insertSamples(store, id, epoch, samples.slice(0, VARIANTS.length));
  const job = (await getJob(store, id))!;
  const first = await compute.compare(job, WALL);
  expect([(await compute.compare(job, WALL)) === first, first.rows[0]!.blocks]).toEqual([true, 1]);

  await insertSamples(store, id, epoch, samples.slice(VARIANTS.length));
  expect((await compute.compare(job, WALL)).rows[0]!.blocks).toBe(2);
}, 30_000);

test('errors of the catalogue pass unchanged out of a thread', async () => {
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

test('requests during shutdown are refused', async () => {
  const ending = new Compute(store, []);
  const asked = ending.changes(
    { project: 'p', branch: 'main', workload: 'w', variant: 'v', metric: 'm' },
    [],
  );
  await Promise.all([expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' }), ending.close()]);
});
