// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Job, JobList } from '#contract/job.js';
import type { JobPreview } from '#contract/preview.js';
import { recordBuild } from '#store/builds.js';
import { startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { REQUEST_BODY } from '#support/job-request.js';

let api: ClosedApi;
beforeAll(
  async () =>
    void (api = await startClosedApi({
      QIBENCH_QUOTA_VARIANTS_PER_JOB: '3',
      QIBENCH_QUOTA_WORKLOADS_PER_JOB: '4',
      QIBENCH_QUOTA_BLOCKS_PER_JOB: '20',
    })),
  60_000,
);
afterAll(() => api.stop());

const SWEEP = {
  ...REQUEST_BODY,
  workloads: [{ name: 'port-io' }],
  sweep: { writes: [10, 20, 30] },
};

test('a plan shows builds, runs and time, and stores nothing', async () => {
  const project = `p-${randomUUID()}`;
  const { client } = await api.token({ project });
  const preview = await client.post<JobPreview>('/v1/jobs/plan', SWEEP);

  expect(preview).toMatchObject({ builds: 2, libraries: 0 });
  expect(preview.plan.workloads.map(({ swept }) => swept)).toEqual([
    { writes: 10 },
    { writes: 20 },
    { writes: 30 },
  ]);
  expect(preview.runs).toBe(6 * preview.runsPerBlock);
  expect((await client.get<JobList>('/v1/jobs')).jobs).toEqual([]);
});

test('the time of builds is the median of earlier builds that were not cached', async () => {
  const { client } = await api.token();
  const request = {
    ...REQUEST_BODY,
    qemu: { version: '7.2', target: 'riscv64-linux-user' }, // no other test has builds of it
    events: ['guest_syscall_enter'],
    workloads: [{ name: 'matmult', parameters: { size: 8 } }],
  };
  const job = await client.post<Job>('/v1/jobs', request);
  for (const [variant, cached, durationMs] of [
    ['a', false, 10_000],
    ['b', false, 20_000],
    ['c', false, 60_000],
    ['d', true, 1],
  ] as const)
    await recordBuild(api.store, job.id, {
      variant,
      side: 'head',
      key: variant,
      inputs: {} as never,
      binaryDigest: '',
      links: 1,
      image: '',
      cached,
      durationMs,
    });

  const { buildSeconds } = await client.post<JobPreview>('/v1/jobs/plan', request);
  expect(buildSeconds).toBe(40);
});

test('the same rules hold for a plan and for a job, and quotas name the field', async () => {
  const { client } = await api.token({ project: `p-${randomUUID()}` });
  for (const [changes, path] of [
    [
      { variants: ['none', 'idle', { mode: 'none', name: 'b' }, { mode: 'none', name: 'c' }] },
      'variants',
    ],
    [{ sweep: { writes: [1, 2, 3, 4, 5] } }, 'workloads'],
    [{ blocks: 21 }, 'blocks'],
  ] as const)
    for (const route of ['/v1/jobs/plan', '/v1/jobs'])
      await expect(client.post(route, { ...SWEEP, ...changes })).rejects.toMatchObject({
        code: 'QUOTA_EXCEEDED',
        details: [{ path }],
      });
  await expect(
    client.post('/v1/jobs/plan', { ...SWEEP, instrumentation: `sha256:${'0'.repeat(64)}` }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_UPLOAD' });
});

test('a plan needs the right to submit, and a token of another project gets none', async () => {
  const { client: reads } = await api.token({ scopes: ['jobs:read'] });
  const { client: other } = await api.token({ project: `p-${randomUUID()}` });

  await expect(reads.post('/v1/jobs/plan', SWEEP)).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  await expect(
    other.post('/v1/jobs/plan', { ...SWEEP, project: 'someone-else' }),
  ).rejects.toMatchObject({ code: 'OTHER_PROJECT' });
});
