// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Comparison } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import type { Job, JobList } from '#contract/job.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

// Stands for another machine: a second service with its own Postgres, Redis and folder that has
// never seen the job. Docker is shared, so its images exist.
let first: TestService;
let second: TestService;
let running: TestService[] = [];
let job: Job;
const folder = mkdtempSync(join(tmpdir(), 'qibench-reproduce-'));
beforeAll(async () => {
  first = await startTestService();
  running = [first];
  second = await startTestService();
  running = [first, second];
}, 240_000);
afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  rmSync(folder, { recursive: true });
}, 120_000);

interface Reproduced {
  readonly job: Job;
  readonly reproduction: {
    readonly reproduced: boolean;
    readonly sameHost: boolean;
    readonly ratios: readonly {
      what: string;
      first: object;
      second: object | null;
      overlap: boolean;
    }[];
    readonly builds: readonly { variant: string; sameKey: boolean; sameBinary: boolean }[];
  };
}

/**
 * Runs `qibench job reproduce` against the second service. Other load on the machine may shift an
 * interval, but not three times in a row.
 */
async function reproduceUndisturbed(...reproduceArguments: string[]): Promise<Reproduced> {
  for (let attempt = 1; ; attempt++) {
    const command = [
      'dist/services/cli/main.js',
      '--json',
      'job',
      'reproduce',
      ...reproduceArguments,
    ];
    const printed = await promisify(execFile)(process.execPath, command, {
      env: { ...process.env, QIBENCH_SERVER: second.client.server },
    }).then(
      ({ stdout }) => stdout,
      (failed: { stdout: string; stderr: string }) =>
        failed.stdout === '' ? Promise.reject(new Error(failed.stderr)) : failed.stdout,
    );
    const reproduced = JSON.parse(printed) as Reproduced;
    if (reproduced.reproduction.reproduced || attempt === 3) return reproduced;
  }
}

function expectReproduced({ job: again, reproduction }: Reproduced): void {
  expect(again.plan).toMatchObject({
    seed: job.plan.seed,
    sides: job.plan.sides,
    blocks: job.plan.blocks,
  });
  expect(
    reproduction.builds
      .filter(({ sameKey, sameBinary }) => sameKey && sameBinary)
      .map(({ variant }) => variant)
      .sort(),
  ).toEqual(['dynamic', 'dynamic@base', 'none', 'none@base']);
  expect(reproduction.ratios.map(({ what }) => what)).toEqual([
    'overhead',
    'overhead',
    'head/base',
    'head/base',
    'change of overhead',
  ]);
  expect(reproduction).toMatchObject({ reproduced: true, sameHost: true });
}

test(
  "a comparison's command rebuilds and reruns the job on a service that never saw it, and " +
    'the intervals overlap',
  async () => {
    const example = async (name: string) =>
      (
        await uploadFiles(
          first.client,
          await readFolder(join(process.cwd(), 'qemu/examples', name)),
        )
      ).digest;
    job = await first.finish({
      name: 'to reproduce',
      qemu: { version: '7.2', target: 'x86_64-softmmu' },
      events: ['memory_region_ops_write'],
      workloads: [{ name: 'port-io', parameters: { writes: 100_000 } }],
      instrumentation: await example('histogram'),
      variants: ['none', 'dynamic'],
      baseline: { instrumentation: await example('count') },
      blocks: 12,
      confirm: false,
    });
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const { reproduce } = await first.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
    expect(reproduce).toBe(`./qibench job reproduce ${job.id} --from ${first.client.server}`);
    expect(await second.client.get<JobList>('/v1/jobs')).toMatchObject({ jobs: [] });

    const reproduceArguments = reproduce.split(' ').slice(3);
    const reproduced = await reproduceUndisturbed(...reproduceArguments);

    expectReproduced(reproduced);
    expect((await second.client.get<Job>(`/v1/jobs/${reproduced.job.id}`)).state).toBe('succeeded');
    await expect(first.client.get(`/v1/jobs/${reproduced.job.id}`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await second.client.get<HostList>('/v1/hosts')).hosts).toHaveLength(1);
  },
  BUILD_LIMIT_MS,
);

test(
  'the bundle of a job suffices without the first service',
  async () => {
    const file = join(folder, 'bundle.tar');
    writeFileSync(
      file,
      Buffer.from(await (await first.client.open(`/v1/jobs/${job.id}/bundle`)).arrayBuffer()),
    );
    running = [second];
    await first.stop();
    await expect(first.client.get('/v1/jobs')).rejects.toThrow();

    expectReproduced(await reproduceUndisturbed(file));
  },
  BUILD_LIMIT_MS,
);
