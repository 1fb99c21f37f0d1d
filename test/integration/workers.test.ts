// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Client } from '#cli/client.js';
import type { Job } from '#contract/job.js';
import type { HostFingerprint, NoiseList } from '#contract/host.js';
import type { Noise, Sample } from '#contract/sample.js';
import type { Worker, WorkerList } from '#contract/worker.js';
import { recordHost } from '#store/builds.js';
import { appendEvent, eventsAfter } from '#store/events.js';
import { acceptJob, advanceJob, claimJob } from '#store/jobs.js';
import { insertSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { listWorkers, removeWorker, reportWorker, type WorkerReport } from '#store/workers.js';
import { startApi } from '#support/api-process.js';
import { jobPlan } from '#support/job-plan.js';
import { measuredJob } from '#support/measured-job.js';
import { progressWriter } from '#worker/job/progress-writer.js';
import { jobRequest, REQUEST_BODY } from '#support/job-request.js';
import { newSampleOf } from '#support/sample.js';

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let client: Client;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  api = await startApi();
  client = api.client;
}, 60_000);
afterAll(async () => {
  await api.stop();
  await store.close();
});

const aWorker = (more: Partial<WorkerReport> = {}): WorkerReport => ({
  id: `worker-${randomUUID()}`,
  version: '1.2.3',
  hostFingerprint: null,
  cpuset: '1-3',
  targets: ['x86_64-softmmu'],
  capabilities: [{ name: 'kvm', available: false, reason: '/dev/kvm is missing' }],
  knobs: [{ name: 'swap', value: 'off', status: 'already', reason: null }],
  jobId: null,
  startedAt: new Date(),
  cores: 3,
  role: 'measure',
  labels: ['quiet'],
  engine: 'engine',
  ...more,
});
const shown = async (id: string): Promise<Worker | undefined> =>
  (await client.get<WorkerList>('/v1/workers')).workers.find((worker) => worker.id === id);
const lastSeen = (id: string, ago: string) =>
  store.pool.query('UPDATE worker SET seen_at = now() - $2::interval WHERE id = $1', [id, ago]);

test('a worker is shown with the values that it reports', async () => {
  const worker = aWorker();
  await reportWorker(store, worker);

  const { id, version, cpuset, cores, role, labels, targets, capabilities, knobs } = worker;
  expect(await shown(id)).toMatchObject({
    id,
    version,
    cpuset,
    cores,
    role,
    labels,
    targets,
    capabilities,
    knobs,
    hostFingerprint: null,
    job: null,
    lost: false,
    startedAt: worker.startedAt.toISOString(),
  });
});

test(
  'events that arrive during a write are written together, each with its number, and none ' +
    'after the job is lost',
  async () => {
    const { job } = await acceptJob(store, {
      request: jobRequest({ name: 'many' }),
      plan: jobPlan({ variants: [], workloads: [], blocks: 12 }),
      requestDigest: 'd',
    });
    const held = (await claimJob(store, job.id, 'writes'))!;
    const before = (await eventsAfter(store, job.id, 0, 100)).length;
    let writes = 0;
    const counting = {
      ...store,
      pool: {
        query: (text: string, values: unknown[]) => ((writes += 1), store.pool.query(text, values)),
      },
    } as unknown as Store;
    const errors: unknown[] = [];
    const { progress, flush } = progressWriter(counting, held, (error) => errors.push(error));
    for (let number = 1; number <= 20; number += 1) progress.started('build', String(number));
    await flush();
    expect(writes).toBeLessThanOrEqual(2);

    const written = (await eventsAfter(store, job.id, 0, 100)).slice(before);
    expect(written.map(({ sequence, body }) => [sequence, 'what' in body && body.what])).toEqual(
      Array.from({ length: 20 }, (_, index) => [before + index + 1, String(index + 1)]),
    );

    await store.pool.query('UPDATE job SET epoch = epoch + 1 WHERE id = $1', [job.id]);
    progress.started('build', 'lost');
    await flush();
    expect(errors).toEqual([expect.objectContaining({ code: 'LEASE_LOST' })]);
  },
);

test("a worker's activity is the last started step of its job, until the job has ended", async () => {
  const { job } = await acceptJob(store, {
    request: jobRequest({ name: 'seen' }),
    plan: jobPlan({ variants: [], workloads: [], blocks: 12 }),
    requestDigest: 'd',
  });
  const worker = aWorker({ jobId: job.id, hostFingerprint: 'sha256:h' });
  const { epoch } = (await claimJob(store, job.id, worker.id))!;
  await reportWorker(store, worker);
  expect((await shown(worker.id))!.job).toMatchObject({
    id: job.id,
    name: 'seen',
    state: 'building',
    step: null,
    what: null,
  });

  for (const what of ['first', 'second'])
    await appendEvent(store, job.id, epoch, { type: 'step-started', step: 'build', what });
  await appendEvent(store, job.id, epoch, {
    type: 'step-progress',
    step: 'build',
    what: 'second',
    done: 1,
    total: 2,
  });
  await advanceJob(store, job.id, epoch, { type: 'built' });
  await insertSamples(store, job.id, epoch, [newSampleOf({ block: 4 })], 4);
  expect(await shown(worker.id)).toMatchObject({
    hostFingerprint: 'sha256:h',
    job: { state: 'measuring', step: 'build', what: 'second', blocksDone: 4, blocks: 12 },
  });

  await advanceJob(store, job.id, epoch, { type: 'measured' });
  expect((await shown(worker.id))!.job).toBeNull();
});

test('a worker without a heartbeat for a minute is lost, and after a day it is deleted', async () => {
  const worker = aWorker();
  await reportWorker(store, worker);
  await lastSeen(worker.id, '59 seconds');
  expect(await shown(worker.id)).toMatchObject({ lost: false });
  await lastSeen(worker.id, '61 seconds');
  expect(await shown(worker.id)).toMatchObject({ lost: true });
  await lastSeen(worker.id, '25 hours');
  expect(await shown(worker.id)).toBeUndefined();

  await reportWorker(store, aWorker());
  expect((await store.pool.query('SELECT 1 FROM worker WHERE id = $1', [worker.id])).rows).toEqual(
    [],
  );
});

test('a worker that ends deregisters itself, but not the worker started in its place', async () => {
  const worker = aWorker();
  await reportWorker(store, worker);
  const successor = { ...worker, startedAt: new Date(worker.startedAt.getTime() + 1) };
  await reportWorker(store, successor);

  await removeWorker(store, worker);
  expect((await listWorkers(store)).map(({ id }) => id)).toContain(worker.id);
  await removeWorker(store, successor);
  expect((await listWorkers(store)).map(({ id }) => id)).not.toContain(worker.id);
});

test('the noise of a host comes from its newest timed samples, oldest first', async () => {
  const digest = `sha256:${randomUUID()}`;
  await recordHost(store, { digest } as HostFingerprint);
  const noise = (stealNs: string): Noise => ({
    stealNs,
    pressureNs: { cpu: '5', io: null, memory: '0' },
    load: 0.5,
    frequencyHz: null,
  });
  const sample = (block: number, more: Partial<Sample> = {}) =>
    newSampleOf({
      block,
      noise: noise(String(100 + block)),
      hostFingerprint: digest,
      startedAt: new Date(Date.UTC(2026, 0, 1, 0, block, 59, 999)).toISOString(),
      ...more,
    });
  await measuredJob(store, [
    sample(0),
    sample(1),
    sample(2),
    sample(3, { noise: null }),
    sample(4, { kind: 'instructions' }),
    sample(5, { hostFingerprint: 'sha256:other' }),
  ]);

  const { samples } = await client.get<NoiseList>(
    `/v1/hosts/${encodeURIComponent(digest)}/noise?limit=2`,
  );
  expect(samples).toEqual(
    [1, 2].map((block) => ({
      at: new Date(Date.UTC(2026, 0, 1, 0, block)).toISOString(),
      stealShare: (100 + block) / 1_000,
      pressureShare: { cpu: 0.005, io: null, memory: 0 },
      load: 0.5,
      frequencyHz: null,
    })),
  );
  await expect(client.get('/v1/hosts/sha256:unknown/noise')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(client.get(`/v1/hosts/${digest}/noise?limit=0`)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  });
});

test('a job is refused while all workers lack what a variant records with, and the reason is named', async () => {
  const body = {
    ...REQUEST_BODY,
    variants: ['none', { mode: 'backend', backend: 'syslog' }],
  };
  const offer = (reason: string | null, more: Partial<WorkerReport> = {}) =>
    aWorker({
      capabilities: [{ name: 'syslog', available: reason === null, reason }],
      role: 'both',
      ...more,
    });
  const lacking = offer('/dev/log is missing');
  await reportWorker(store, lacking);
  for (const path of ['/v1/jobs', '/v1/jobs/plan'])
    await expect(client.post(path, body)).rejects.toMatchObject({
      code: 'RECORDING_REFUSED',
      details: [{ path: 'variants.1.backend', message: expect.any(String) as string }],
      message: expect.stringContaining('/dev/log is missing') as string,
    });

  const able = offer(null);
  await reportWorker(store, able);
  expect((await client.post<Job>('/v1/jobs', body)).plan.variants).toMatchObject([
    { name: 'none' },
    { name: 'backend-syslog' },
  ]);
  await lastSeen(able.id, '2 minutes');
  await expect(client.post('/v1/jobs', body)).rejects.toMatchObject({ code: 'RECORDING_REFUSED' });
  const idle = { ...body, variants: [{ mode: 'backend', backend: 'syslog', record: false }] };
  expect((await client.post<Job>('/v1/jobs', idle)).plan.variants).toMatchObject([
    { name: 'backend-syslog-idle', record: false },
  ]);
  for (const worker of [lacking, able]) await removeWorker(store, worker);
});
