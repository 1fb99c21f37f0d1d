// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadBundle, sendUploads } from '#cli/bundle.js';
import { Client } from '#cli/client.js';
import { submitFile } from '#cli/submit.js';
import type { Comparison } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import { shownVariant } from '#contract/side.js';
import { scheduleBlock } from '#domain/schedule.js';
import { recordHost } from '#store/builds.js';
import { recordSameComparisons } from '#store/hosts.js';
import { claimJob } from '#store/jobs.js';
import { insertSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { newSampleOf } from '#support/sample.js';
import { uploadFiles } from '#support/upload.js';

const request = {
  name: 'sides',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_*'],
  variants: ['none', 'idle'],
  workloads: [{ name: 'port-io' }],
  blocks: 6,
};
const PATCH = '--- a/cpu.c\n+++ b/cpu.c\n@@ -1 +1 @@\n-a\n+b\n';

let api: ChildProcess;
let client: Client;
let store: Store;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  const environment = {
    ...process.env,
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    REDIS_URL: process.env.TEST_REDIS_URL,
    QIBENCH_PORT: '0',
    QIBENCH_OPEN_ON_LOOPBACK: '1',
  };
  api = spawn(process.execPath, ['dist/services/api/main.js'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(api.stdout!, 'data')) as [Buffer];
  client = new Client(/http:\S+/.exec(line.toString())![0]);
}, 30_000);
afterAll(async () => {
  const exited = once(api, 'exit');
  api.kill('SIGTERM');
  await exited;
  await store.close();
});

/** Stores samples of all blocks of a job's first batch, like a worker. */
async function measured(
  job: Job,
  wallNs: (shown: string) => number,
  hostFingerprint: string,
): Promise<number> {
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  for (let block = 1; block <= job.plan.blocks; block += 1) {
    const runs = scheduleBlock(job.plan, block).map(
      ({ variant, side, workload, position, group, link }) =>
        newSampleOf({
          variant,
          side,
          workload,
          block,
          position,
          group,
          link,
          buildKey: `${side}'s`,
          wallNs: String(wallNs(shownVariant({ name: variant, side })) + block),
          hostFingerprint,
        }),
    );
    await insertSamples(store, job.id, epoch, runs, block);
  }
  return epoch;
}

const host = (digest: string) => ({
  digest,
  cpuModel: 'test cpu',
  cpuFlags: '',
  microcode: '',
  cores: 1,
  memoryBytes: 1,
  kernel: '',
  docker: '',
  runtime: '',
});

test(
  'a job file can name folders for its patches and its baseline, which are uploaded without ' +
    'notes beside the patches',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qibench-sides-'));
    for (const name of ['series', 'old']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'series', '0001-x.patch'), PATCH);
    writeFileSync(join(folder, 'series', 'README'), 'notes');
    writeFileSync(join(folder, 'old', 'instrument.c'), 'int old;');
    const file = join(folder, 'job.json');
    writeFileSync(
      file,
      JSON.stringify({
        ...request,
        qemu: { ...request.qemu, patches: './series' },
        baseline: { patches: null, instrumentation: './old' },
      }),
    );

    const { plan } = await submitFile(client, file);

    expect(plan.sides).toMatchObject({
      head: { qemu: { patches: expect.stringMatching(/^sha256:/) }, instrumentation: null },
      base: { qemu: { patches: null }, instrumentation: expect.stringMatching(/^sha256:/) },
    });
    expect(await client.get(`/v1/uploads/${plan.sides!.head.qemu.patches}`)).toMatchObject({
      kind: 'patches',
      files: [{ path: '0001-x.patch' }],
    });
    rmSync(folder, { recursive: true });
  },
);

test('an upload of the wrong kind or a missing baseline job is refused with the field', async () => {
  const code = await uploadFiles(client, [{ path: 'instrument.c', content: 'int x;' }]);
  const patches = await uploadFiles(client, [{ path: '0001-x.patch', content: PATCH }]);

  await expect(
    client.post('/v1/jobs', { ...request, qemu: { ...request.qemu, patches: code.digest } }),
  ).rejects.toThrow('qemu.patches: the upload');
  await expect(
    client.post('/v1/jobs', { ...request, baseline: { instrumentation: patches.digest } }),
  ).rejects.toThrow('is a patch series, not code');
  await expect(
    client.post('/v1/jobs', {
      ...request,
      baseline: { job: '00000000-0000-4000-8000-000000000000' },
    }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_BASELINE_JOB' });
  await expect(
    uploadFiles(client, [
      { path: '0001-x.patch', content: PATCH },
      { path: 'notes.txt', content: 'x' },
    ]),
  ).rejects.toThrow('only *.patch, *.diff and *.mbox files');
});

test("a baseline that names another job reuses that job's builds", async () => {
  const { digest } = await uploadFiles(client, [{ path: 'instrument.c', content: 'int old;' }]);
  const old = await client.post<Job>('/v1/jobs', {
    ...request,
    qemu: { version: '10.0', target: 'x86_64-softmmu' },
    instrumentation: digest,
    variants: ['dynamic'],
  });
  const job = await client.post<Job>('/v1/jobs', { ...request, baseline: { job: old.id } });

  expect(job.plan.sides!.base).toEqual(old.plan.sides!.head);
  expect(job.plan.variants.map(shownVariant)).toEqual(['none', 'idle', 'none@base', 'idle@base']);
});

test(
  'the comparison of a job with a base has sides, changes and a command to reproduce it, and ' +
    'show prints them',
  async () => {
    const job = await client.post<Job>('/v1/jobs', { ...request, baseline: { version: '10.0' } });
    await measured(
      job,
      (shown) => ({ none: 1e9, idle: 1.3e9, 'none@base': 1e9, 'idle@base': 1.1e9 })[shown]!,
      'sha256:quiet',
    );

    const comparison = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);

    expect(comparison).toMatchObject({
      same: false,
      advisory: false,
      reproduce: `./qibench job reproduce ${job.id} --from ${client.server}`,
    });
    expect(
      comparison.sides.map(({ variant, ratio }) => [variant, Number(ratio.ratio.toFixed(2))]),
    ).toEqual([
      ['none', 1],
      ['idle', 1.18],
    ]);
    expect(
      comparison.changes.map(({ variant, ratio }) => [variant, Number(ratio.ratio.toFixed(2))]),
    ).toEqual([['idle', 1.18]]);
    const { stdout } = await promisify(execFile)(process.execPath, [
      'dist/services/cli/main.js',
      '--server',
      client.server,
      'job',
      'show',
      job.id,
    ]);
    for (const shown of [
      'idle@base',
      'head against base',
      'change of overhead',
      'MDE',
      'no change',
      comparison.reproduce,
    ])
      expect(stdout).toContain(shown);
  },
);

test(
  'a host whose A/A jobs call too many differences is listed as advisory, its comparisons ' +
    'explain why, and an administrator voids them',
  async () => {
    const digest = `sha256:noisy-${process.pid}`;
    await recordHost(store, host(digest));
    const job = await client.post<Job>('/v1/jobs', { ...request, baseline: 'same' });
    const epoch = await measured(job, () => 1e9, digest);
    const path = `/v1/jobs/${job.id}/comparison`;
    expect(await client.get<Comparison>(path)).toMatchObject({
      same: true,
      advisory: false,
      advisoryReasons: [],
    });

    await recordSameComparisons(
      store,
      job.id,
      epoch,
      Array.from({ length: 10 }, (_, index) => ({
        workload: `w${index}`,
        variant: 'none',
        hostFingerprint: digest,
        alarm: index < 3,
      })),
    );

    const { hosts } = await client.get<HostList>('/v1/hosts');
    expect(hosts.find((candidate) => candidate.digest === digest)).toMatchObject({
      comparisons: 10,
      alarms: 3,
      rate: 0.3,
      advisory: true,
      fingerprint: { cpuModel: 'test cpu' },
    });
    expect(await client.get<Comparison>(path)).toMatchObject({
      advisory: true,
      advisoryReasons: [expect.stringContaining('3 of 10 A/A comparisons')],
    });
    const { stdout } = await promisify(execFile)(process.execPath, [
      'dist/services/cli/main.js',
      '--server',
      client.server,
      'host',
      'list',
    ]);
    expect(stdout).toContain('advisory');

    const { stdout: voided } = await promisify(execFile)(process.execPath, [
      'dist/services/cli/main.js',
      '--server',
      client.server,
      'host',
      'void',
      digest,
    ]);
    expect(voided).toBe('10 A/A comparisons removed\n');
    expect(await client.get<Comparison>(path)).toMatchObject({ advisory: false });
  },
);

test('a bundle holds a complete job with all its uploads, and another service accepts it', async () => {
  const { digest } = await uploadFiles(client, [{ path: 'instrument.c', content: 'int old;' }]);
  const patches = await uploadFiles(client, [{ path: '0001-x.patch', content: PATCH }]);
  const old = await client.post<Job>('/v1/jobs', {
    ...request,
    qemu: { ...request.qemu, patches: patches.digest },
    instrumentation: digest,
  });
  const job = await client.post<Job>('/v1/jobs', { ...request, baseline: { job: old.id } });

  const bundle = await loadBundle(client, job.id);

  expect([...bundle.uploads.keys()].sort()).toEqual([digest, patches.digest].sort());
  expect(bundle.job).toMatchObject({
    seed: job.plan.seed,
    events: ['memory_region_ops_read', 'memory_region_ops_write'],
    baseline: { version: '7.2', patches: patches.digest, instrumentation: digest },
  });
  await sendUploads(client, job.id, bundle);
  const again = await client.post<Job>('/v1/jobs', bundle.job);
  expect(again.plan.sides).toEqual(job.plan.sides);
  await expect(loadBundle(client, 'package.json')).rejects.toMatchObject({ code: 'BAD_BUNDLE' });
});

test('a job accepted before sides existed is returned with the defaults of its sides', async () => {
  const job = await client.post<Job>('/v1/jobs', request);
  await store.pool.query(
    `UPDATE job SET request = request - 'measure' - 'thresholds' || '{"threshold": 0.05}', ` +
      `plan = plan - 'sides' - 'batches' - 'withinSeconds' - 'links' - 'expected' - ` +
      `'threshold' - 'thresholds' WHERE id = $1`,
    [job.id],
  );

  expect(await client.get<Job>(`/v1/jobs/${job.id}`)).toMatchObject({
    request: { measure: { threshold: 0.05 }, thresholds: [] },
    plan: { sides: null, batches: 1, withinSeconds: null, links: 1 },
  });
  expect((await loadBundle(client, job.id)).job).toMatchObject({
    qemu: request.qemu,
    seed: job.plan.seed,
  });
});
