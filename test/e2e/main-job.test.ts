// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { submitFile } from '#cli/submit.js';
import type { Build } from '#contract/build.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job, JobRequest } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import type { RecordPage, Trace } from '#contract/trace.js';
import { scheduleBlock } from '#domain/schedule.js';
import { eventually } from '#support/eventually.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const WRITES = 100_000;

let service: TestService;
let request: JobRequest;
beforeAll(async () => {
  service = await startTestService();
  const example = await submitFile(service.client, join(process.cwd(), 'examples/port-io.yaml'));
  await service.client.post(`/v1/jobs/${example.id}/cancel`, {});
  request = {
    ...example.request,
    name: 'e2e',
    measure: { threshold: 0.02 },
    blocks: 6,
    workloads: [{ name: 'port-io', parameters: { writes: WRITES } }],
  };
}, 120_000);
afterAll(() => service.stop(), 120_000);

test(
  'the main job ends with exact counts in every mode, although its worker is killed halfway',
  async () => {
    const { client } = service;
    let killed = false;
    const job = await service.finish(request, (body) => {
      if (killed || body.type !== 'block' || body.block < 2) return;
      killed = true;
      const [pid] = execFileSync(
        'pgrep',
        ['-P', String(service.process.pid), '-f', 'worker/main.js'],
        { encoding: 'utf8' },
      ).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    });

    expect(job).toMatchObject({ state: 'succeeded', error: null, blocksDone: 6, epoch: 2 });
    expect(killed).toBe(true);
    const { samples } = await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`);
    const scheduled = [0, 1, 2, 3, 4, 5, 6].flatMap((block) =>
      scheduleBlock(job.plan, block).map(({ position }) => `${block} ${position}`),
    );
    expect(samples.map(({ block, position }) => `${block} ${position}`).sort()).toEqual(
      scheduled.sort(),
    );
    const counted = samples.filter(
      ({ variant, size }) => size === 'full' && (variant === 'dynamic' || variant === 'static'),
    );
    expect(counted.map(({ events }) => events!.memory_region_ops_write)).toEqual(
      counted.map(() => String(WRITES + 1)),
    );
    const traced = samples.filter(({ traceId }) => traceId !== null);
    expect(
      traced.map(
        ({ recordsStored, recordsDropped }) => Number(recordsStored) + Number(recordsDropped),
      ),
    ).toEqual(Array.from({ length: 6 }, () => WRITES + 1));

    const trace = await client.get<Trace>(`/v1/traces/${traced[0]!.traceId}`);
    const page = await client.get<RecordPage>(`/v1/traces/${trace.id}/records?limit=10`);
    expect(page.records).toHaveLength(10);
    expect(page.records[0]).toMatchObject({
      sequence: '0',
      event: 'memory_region_ops_write',
      arguments: { addr: '128', size: '1' },
    });

    const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    expect(comparison.rows.map(({ variant }) => variant).sort()).toEqual([
      'backend-simple',
      'dynamic',
      'idle',
      'none',
      'static',
    ]);
  },
  BUILD_LIMIT_MS,
);

test('a second run of the same job builds nothing', async () => {
  const job = await service.finish({ ...request, variants: ['none', 'idle', 'dynamic', 'static'] });

  const { builds } = await service.client.get<{ builds: Build[] }>(`/v1/jobs/${job.id}/builds`);
  expect(Object.fromEntries(builds.map(({ variant, cached }) => [variant, cached]))).toEqual({
    none: true,
    idle: true,
    dynamic: true,
    static: true,
  });
}, 600_000);

test('cancelling a running job ends it and its containers at once', async () => {
  const { client } = service;
  let cancelled: Promise<Job> | undefined;
  const job = await service.finish(
    {
      ...request,
      variants: ['none'],
      workloads: [{ name: 'port-io', parameters: { writes: 500_000_000 } }],
    },
    (body) => {
      if (body.type === 'state' && body.state === 'measuring')
        cancelled ??= client
          .get<{ jobs: Job[] }>('/v1/jobs?limit=1')
          .then(({ jobs }) => client.post<Job>(`/v1/jobs/${jobs[0]!.id}/cancel`, {}));
    },
  );

  expect((await cancelled)!.id).toBe(job.id);
  expect(job).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
}, 600_000);

test('ended jobs leave nothing on the engine', async () => {
  const { jobs } = await service.client.get<{ jobs: Job[] }>('/v1/jobs?limit=200');

  expect(jobs.length).toBeGreaterThan(2);
  for (const { id } of jobs) {
    const label = ['--filter', `label=qibench.job=${id}`];
    const left = (command: string[]) =>
      execFileSync('docker', [...command, ...label], { encoding: 'utf8' });
    await eventually(() =>
      expect([id, left(['ps', '-aq']) + left(['volume', 'ls', '-q'])]).toEqual([id, '']),
    );
  }
});
