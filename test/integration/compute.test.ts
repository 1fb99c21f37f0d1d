// SPDX-License-Identifier: GPL-2.0-or-later
import { performance } from 'node:perf_hooks';
import { Compute } from '#api/compute/compute.js';
import { Pool, POOL_LIMITS } from '#api/compute/pool.js';
import type { HistoryPoint } from '#contract/history.js';
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

describe('the pool', () => {
  const points = (count: number): HistoryPoint[] =>
    Array.from({ length: count }, (_, index) => ({
      id: String(index + 1),
      source: 'import',
      sourceId: 'x',
      commit: null,
      at: new Date(index * 1_000).toISOString(),
      value: (index < count / 2 ? 100 : 120) + next(),
      low: null,
      high: null,
      unit: 'ns',
      direction: 'smaller-is-better',
      hostFingerprint: 'h',
    }));
  const nested = () => {
    let value: unknown[] = [];
    for (let level = 0; level < 20_000; level += 1) value = [value];
    return value as never;
  };
  const settings = () => ({ databaseUrl: store.databaseUrl, workloads: [] });
  let pool: Pool;
  afterEach(() => pool.close());

  test('outlives inputs that cannot be sent to a thread', async () => {
    pool = new Pool(settings());
    for (let time = 0; time < 4; time += 1)
      await expect(pool.run('p', 'changes', nested())).rejects.toBeDefined();
    expect(await pool.run('p', 'changes', points(40))).toHaveLength(1);
    expect(await pool.problem()).toBeNull();
  }, 60_000);

  test('ends a task that exceeds its time, and replaces the thread', async () => {
    pool = new Pool(settings(), { ...POOL_LIMITS, threads: 1, taskMs: 3_000 });
    await pool.run('p', 'ping', undefined);
    const many = Array.from({ length: 40 }, (_, host) =>
      points(150).map((point) => ({ ...point, hostFingerprint: `h${host}` })),
    ).flat();
    await expect(pool.run('p', 'changes', many)).rejects.toMatchObject({
      code: 'COMPUTATION_LIMIT',
      kind: 'user',
    });
    expect(await pool.run('p', 'changes', [])).toEqual([]);
  }, 60_000);

  test('gives a project one thread, so that another project does not wait for it', async () => {
    pool = new Pool(settings());
    await Promise.all([pool.run('a', 'ping', undefined), pool.run('b', 'ping', undefined)]);
    const ended: string[] = [];
    const run = (project: string, count: number) =>
      pool.run(project, 'changes', points(count)).then(() => ended.push(project));
    const greedy = Array.from({ length: 6 }, () => run('greedy', 150));
    await run('other', 6);
    expect(ended).toEqual(['other']);
    await Promise.all(greedy);
  }, 60_000);

  test('refuses what would wait too long, but not the first task of a project', async () => {
    pool = new Pool(settings(), { ...POOL_LIMITS, waitingPerProject: 2, waiting: 3 });
    const first = [1, 2, 3].map(() => pool.run('a', 'changes', points(150)));
    await expect(pool.run('a', 'ping', undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const second = [1, 2].map(() => pool.run('b', 'changes', points(150)));
    await expect(pool.run('b', 'ping', undefined)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const third = pool.run('c', 'ping', undefined);
    expect(await pool.problem()).toBeNull();
    await Promise.all([...first, ...second]);
    expect(await third).toBeNull();
  }, 60_000);

  test('refuses at once while Postgres does not answer', async () => {
    pool = new Pool({ databaseUrl: 'postgresql://127.0.0.1:9/none', workloads: [] });
    for (let time = 0; time < 2; time += 1)
      await expect(pool.run('a', 'ping', undefined)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    expect(await pool.problem()).toBeNull();
  }, 60_000);
});

test('a report is computed once', async () => {
  const job = (await getJob(store, await measuredJob(store, blocksOf(100))))!;
  const report = await compute.report(job, 'junit');
  expect(report).toContain('testsuite');

  await store.pool.query('DELETE FROM sample WHERE job_id = $1', [job.id]);
  expect(await compute.report(job, 'junit')).toBe(report);
}, 60_000);
