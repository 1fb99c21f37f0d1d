// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Comparison } from '#contract/comparison.js';
import type { History, SeriesList } from '#contract/history.js';
import type { Job } from '#contract/job.js';
import type { LogPage } from '#contract/job-event.js';
import type { Sample } from '#contract/sample.js';
import { scheduleBlock } from '#domain/schedule.js';
import { measuringCpuset } from '#worker/host/cpuset.js';
import { lockHost } from '#worker/host/lock.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const run = promisify(execFile);

let service: TestService;
const lockFolder = mkdtempSync(join(tmpdir(), 'qibench-e2e-lock-'));
beforeAll(async () => {
  process.env.QIBENCH_LOCK_DIR = lockFolder;
  service = await startTestService();
}, 120_000);
afterAll(async () => {
  await service.stop();
  rmSync(lockFolder, { recursive: true });
}, 120_000);

const request = {
  name: 'conditions',
  qemu: { version: '7.2', target: 'x86_64-linux-user' },
  variants: ['none', { mode: 'plugin', plugin: 'insn', arguments: ['inline=on'] }],
  workloads: [{ name: 'matmult', parameters: { size: 64 } }],
  blocks: 6,
};

let job: Job;

/**
 * Watches the containers of a job's measured runs. Returns Docker's settings for them: CPUs, quota,
 * CPUs as a number.
 */
function watchRuns(): { end(): Promise<string[]> } {
  const limits = new Set<string>();
  const docker = async (...words: string[]) =>
    (await run('docker', words)).stdout.split('\n').filter((line) => line !== '');
  let watching = true;
  const loop = async () => {
    while (watching) {
      const { jobs } = await service.client.get<{ jobs: Job[] }>('/v1/jobs?limit=1');
      const ids =
        jobs.length === 0
          ? []
          : await docker('ps', '-aq', '--filter', `label=qibench.job=${jobs[0]!.id}`);
      for (const id of ids) {
        const [line = ''] = await docker(
          'inspect',
          '-f',
          '{{.Path}} {{.HostConfig.CpusetCpus}} {{.HostConfig.CpuQuota}} {{.HostConfig.NanoCpus}}',
          id,
        ).catch(() => []); // the container may be gone meanwhile
        if (line.startsWith('qibench-run ')) limits.add(line);
      }
    }
  };
  const ended = loop();
  return { end: () => ((watching = false), ended.then(() => [...limits])) };
}

test(
  "every timed sample records the host's noise, and is pinned to the measuring CPUs",
  async () => {
    const watch = watchRuns();
    job = await service.finish({ ...request, instructions: true });
    const limits = await watch.end();

    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(limits).toEqual([
      `qibench-run ${await measuringCpuset(process.env.QIBENCH_CPUSET ?? null)} 0 0`,
    ]);
    const { samples } = await service.client.get<{ samples: Sample[] }>(
      `/v1/jobs/${job.id}/samples`,
    );
    const scheduled = [0, 1, 2, 3, 4, 5, 6].flatMap((block) => scheduleBlock(job.plan, block));
    expect(samples).toHaveLength(scheduled.length);
    for (const { kind, noise } of samples) {
      expect(kind).toBe('timed');
      expect(noise!.load).not.toBeNull();
      expect(Number(noise!.stealNs)).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(samples.map(({ hostFingerprint }) => hostFingerprint)).size).toBe(1);
  },
  BUILD_LIMIT_MS,
);

test(
  'instruction samples are separate: host counts repeat almost exactly, guest counts equal the ' +
    "plugin variant's",
  async () => {
    const { samples } = await service.client.get<{ samples: Sample[] }>(
      `/v1/jobs/${job.id}/samples?kind=instructions`,
    );
    const timed = (await service.client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`))
      .samples;

    const guest = samples.filter(({ guestInstructions }) => guestInstructions !== null);
    expect(guest.map(({ variant, guestInstructions }) => [variant, guestInstructions])).toEqual([
      [
        'none',
        timed.find(({ variant, size }) => variant === 'plugin-insn' && size === 'full')!.events![
          'plugin.insns'
        ],
      ],
    ]);
    const host = await service.client.get<Comparison>(
      `/v1/jobs/${job.id}/comparison?metric=hostInstructions`,
    );
    expect(host).toMatchObject({
      metric: 'hostInstructions',
      unit: 'instructions',
      rows: [{ variant: 'none', ratio: null }, { variant: 'plugin-insn' }],
    });
    expect(host.rows[1]!.ratio!.ratio).toBeGreaterThan(1);
    // The hardware counted; callgrind has nothing to count.
    if (timed[0]!.hostInstructions !== null) return;
    for (const variant of ['none', 'plugin-insn']) {
      const counts = samples
        .filter((sample) => sample.variant === variant && sample.hostInstructions !== null)
        .map(({ hostInstructions }) => Number(hostInstructions));
      expect(counts).toHaveLength(2);
      expect(Math.abs(counts[0]! / counts[1]! - 1)).toBeLessThan(0.001);
      expect(counts[0]).toBeGreaterThan(Number(guest[0]!.guestInstructions));
    }
  },
);

test('a comparison uses wall time unless the request names another metric', async () => {
  const wall = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  const rss = await service.client.get<Comparison>(
    `/v1/jobs/${job.id}/comparison?metric=maxRssBytes`,
  );
  const work = await service.client.get<Comparison>(
    `/v1/jobs/${job.id}/comparison?metric=work.operations`,
  );

  expect(
    [wall, rss, work].map(({ metric, unit, mixedHosts }) => [metric, unit, mixedHosts]),
  ).toEqual([
    ['wallNs', 'ns', false],
    ['maxRssBytes', 'bytes', false],
    ['work.operations', 'operations', false],
  ]);
  expect(wall.rows[0]!.median).toBe(wall.rows[0]!.medianWallNs);
  expect(rss.rows[0]!.median).toBeGreaterThan(1e6);
  expect(work.rows.map(({ median }) => median)).toEqual([64 ** 3, 64 ** 3]);
});

test(
  'the instructions of both sides are counted once each, compared, and join the history of ' +
    "head with the guest's own metrics",
  async () => {
    const both = await service.finish({
      ...request,
      name: 'both sides',
      variants: ['none'],
      baseline: 'same',
      confirm: false,
      instructions: true,
      project: 'conditions',
      commit: 'c1',
    });
    expect(both).toMatchObject({ state: 'succeeded', error: null });
    const list = async (kind: string) =>
      (await service.client.get<{ samples: Sample[] }>(`/v1/jobs/${both.id}/samples?kind=${kind}`))
        .samples;
    const [timed, counted] = [await list('timed'), await list('instructions')];

    const guest = counted.filter(({ guestInstructions }) => guestInstructions !== null);
    expect(guest.map(({ side, variant, block }) => [side, variant, block]).sort()).toEqual([
      ['base', 'none', 0],
      ['head', 'none', 0],
    ]);
    expect(guest[0]!.guestInstructions).toBe(guest[1]!.guestInstructions);
    if (timed[0]!.hostInstructions === null) {
      const host = counted.filter(({ hostInstructions }) => hostInstructions !== null);
      expect(host.map(({ side, block }) => [side, block]).sort()).toEqual([
        ['base', 1],
        ['base', 2],
        ['head', 1],
        ['head', 2],
      ]);
      expect(counted).toHaveLength(guest.length + host.length);
    }
    const { sides, same } = await service.client.get<Comparison>(
      `/v1/jobs/${both.id}/comparison?metric=hostInstructions`,
    );
    expect(same).toBe(true);
    expect(sides).toMatchObject([{ variant: 'none', verdict: expect.any(String) as string }]);
    expect(Math.abs(sides[0]!.ratio.ratio - 1)).toBeLessThan(0.01);
    expect(
      (
        await service.client.get<Comparison>(
          `/v1/jobs/${both.id}/comparison?metric=guestInstructions`,
        )
      ).sides,
    ).toMatchObject([{ ratio: { ratio: 1 }, headMedian: Number(guest[0]!.guestInstructions) }]);

    const { series } = await service.client.get<SeriesList>('/v1/series?project=conditions');
    expect(
      series.map(({ variant, metric, unit, points }) => [variant, metric, unit, points]),
    ).toEqual(
      [
        ['cpuNs', 'ns'],
        ['guestInstructions', 'instructions'],
        ['hostInstructions', 'instructions'],
        ['maxRssBytes', 'bytes'],
        ['systemNs', 'ns'],
        ['userNs', 'ns'],
        ['wallNs', 'ns'],
        ['work.operations', 'operations'],
      ].map(([metric, unit]) => ['none', metric, unit, 1]),
    );
    const query = new URLSearchParams({
      project: 'conditions',
      workload: series[0]!.workload,
      variant: 'none',
      metric: 'work.operations',
    });
    const { points } = await service.client.get<History>(`/v1/history?${query}`);
    expect(points).toMatchObject([
      { commit: 'c1', value: 64 ** 3, low: 64 ** 3, high: 64 ** 3, direction: 'smaller-is-better' },
    ]);
  },
  BUILD_LIMIT_MS,
);

test(
  'a job builds only while no job measures on the host, measures only while no job builds, and ' +
    'reports that it waits',
  async () => {
    const { client } = service;
    const never = new AbortController().signal;
    const measuring = await lockHost(lockFolder, 'measure', never);
    const waiting = await client.post<Job>('/v1/jobs', { ...request, variants: ['none'] });
    const log = async () =>
      (await client.get<LogPage>(`/v1/jobs/${waiting.id}/logs`)).chunks
        .map(({ text }) => text)
        .join('');
    const until = async (done: () => Promise<boolean>) => {
      while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 200));
    };
    await until(async () => (await client.get<Job>(`/v1/jobs/${waiting.id}`)).state === 'building');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(
      (await client.get<{ builds: unknown[] }>(`/v1/jobs/${waiting.id}/builds`)).builds,
    ).toEqual([]);
    expect(await log()).toContain('waiting for the host, to build on it: another job has it');

    const building = lockHost(lockFolder, 'build', never); // queues behind the job's build
    await new Promise((resolve) => setTimeout(resolve, 500));
    await measuring[Symbol.asyncDispose]();
    await until(
      async () =>
        (await client.get<{ builds: unknown[] }>(`/v1/jobs/${waiting.id}/builds`)).builds.length ===
        1,
    );
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await client.get<Job>(`/v1/jobs/${waiting.id}`)).state).toBe('building');
    expect(await log()).toContain('waiting for the host, to measure on it: another job has it');
    await (await building)[Symbol.asyncDispose]();

    await until(
      async () => (await client.get<Job>(`/v1/jobs/${waiting.id}`)).state === 'succeeded',
    );
  },
  180_000,
);
