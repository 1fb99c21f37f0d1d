// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, ServiceError } from '#cli/client.js';
import { submitFile } from '#cli/submit.js';
import type { Comparison } from '#contract/comparison.js';
import type { Job, JobList } from '#contract/job.js';
import type { Upload } from '#contract/upload.js';
import { claimJob } from '#store/jobs.js';
import { insertSamples } from '#store/samples.js';
import { openStore } from '#store/store.js';
import { newSampleOf } from '#support/sample.js';
import { uploadFiles } from '#support/upload.js';
import { REQUEST_BODY } from '#support/job-request.js';

let api: ChildProcess;
let client: Client;
beforeAll(async () => {
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
  expect(await exited).toEqual([0, null]);
});

const refused = (body: unknown, headers?: Record<string, string>) =>
  client.post<Job>('/v1/jobs', body, headers).then(
    () => [],
    (error: unknown) => (error as ServiceError).details.map(({ path }) => path),
  );

test('an accepted job is stored with its plan: globs expanded, defaults filled in', async () => {
  const job = await client.post<Job>('/v1/jobs', REQUEST_BODY);

  expect(await client.get<Job>(`/v1/jobs/${job.id}`)).toEqual(job);
  expect(job).toMatchObject({
    state: 'queued',
    plan: { events: ['memory_region_ops_read', 'memory_region_ops_write'], blocks: 6 },
  });
  expect((await client.get<JobList>('/v1/jobs?limit=1')).jobs[0]!.id).toBe(job.id);
});

test('the same Idempotency-Key returns the same job, and with another request a conflict', async () => {
  const headers = { 'idempotency-key': `key-${process.pid}` };
  const [first, second] = await Promise.all([
    client.post<Job>('/v1/jobs', REQUEST_BODY, headers),
    client.post<Job>('/v1/jobs', REQUEST_BODY, headers),
  ]);

  expect(first.id).toBe(second.id);
  await expect(
    client.post('/v1/jobs', { ...REQUEST_BODY, name: 'another' }, headers),
  ).rejects.toThrow('was used before with another request');
});

test.each([
  ['an unknown key', { ...REQUEST_BODY, colour: 'red' }, ['']],
  ['too few blocks', { ...REQUEST_BODY, blocks: 5 }, ['blocks']],
  [
    'an unknown target',
    { ...REQUEST_BODY, qemu: { version: '7.2', target: 'vax-softmmu' } },
    ['qemu.target'],
  ],
  [
    'an unknown version',
    { ...REQUEST_BODY, qemu: { version: '1.0', target: 'x86_64-softmmu' } },
    ['qemu.version'],
  ],
  ['an event that would be a command', { ...REQUEST_BODY, events: ['a; rm -rf /'] }, ['events.0']],
  ['an unknown event', { ...REQUEST_BODY, events: ['memory_region_ops_wrote'] }, ['events.0']],
  [
    'static without instrumentation',
    { ...REQUEST_BODY, variants: ['none', 'static'] },
    ['variants.1'],
  ],
  [
    'an unknown workload',
    { ...REQUEST_BODY, workloads: [{ name: 'port-oi' }] },
    ['workloads.0.name'],
  ],
  [
    'a parameter out of its limits',
    { ...REQUEST_BODY, workloads: [{ name: 'port-io', parameters: { writes: 0 } }] },
    ['workloads.0.parameters.writes'],
  ],
  [
    'a workload of another target',
    { ...REQUEST_BODY, workloads: [{ name: 'matmult' }] },
    ['workloads.0.name'],
  ],
  [
    "a plugin that is neither QEMU's own nor an upload",
    { ...REQUEST_BODY, variants: [{ mode: 'plugin', plugin: './mine' }] },
    ['variants.0.plugin'],
  ],
  ['no events where a mode needs them', { ...REQUEST_BODY, events: [] }, ['variants.1']],
  [
    'a backend without backend mode',
    { ...REQUEST_BODY, variants: [{ mode: 'none', backend: 'simple' }] },
    ['variants.0.backend'],
  ],
])('%s is refused with the path of the field', async (_, body, paths) => {
  expect(await refused(body)).toEqual(expect.arrayContaining(paths));
});

test('the error for an unknown event suggests the nearest names', async () => {
  await expect(
    client.post('/v1/jobs', { ...REQUEST_BODY, events: ['memory_region_ops_wrote'] }),
  ).rejects.toThrow('memory_region_ops_write');
});

test('an upload is named by its content, and a job can only name an existing upload', async () => {
  const stored = await uploadFiles(client, [{ path: 'instrument.c', content: 'int x;' }]);
  const two = await uploadFiles(client, [{ path: 'instrument.c', content: 'int x;' }]);

  expect(two.digest).toBe(stored.digest);
  expect(await client.get<Upload>(`/v1/uploads/${stored.digest}`)).toMatchObject({
    files: [{ path: 'instrument.c', sizeBytes: 6 }],
  });
  await expect(
    client.post('/v1/jobs', { ...REQUEST_BODY, instrumentation: `sha256:${'0'.repeat(64)}` }),
  ).rejects.toThrow('upload the folder first');
});

test("a job file can name a plugin's folder, which is uploaded; QEMU's own plugins are names", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-job-'));
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'plugin.c'), 'int x;');
  const variants = [
    'none',
    { mode: 'plugin', plugin: 'mem', arguments: ['inline=on'] },
    { mode: 'plugin', plugin: './mine' },
  ];
  const file = join(folder, 'job.json');
  writeFileSync(file, JSON.stringify({ ...REQUEST_BODY, events: undefined, variants }));

  const { plan } = await submitFile(client, file);

  expect(plan.variants.map(({ name, plugin, arguments: args }) => [name, plugin, args])).toEqual([
    ['none', null, []],
    ['plugin-mem', 'mem', ['inline=on']],
    ['plugin', expect.stringMatching(/^sha256:/), []],
  ]);
  expect(await client.get<Upload>(`/v1/uploads/${plan.variants[2]!.plugin}`)).toMatchObject({
    files: [{ path: 'plugin.c' }],
  });
  writeFileSync(
    file,
    JSON.stringify({ ...REQUEST_BODY, variants: [{ mode: 'plugin', plugin: './not-there' }] }),
  );
  await expect(submitFile(client, file)).rejects.toThrow('variants.0.plugin: no folder');
  await expect(
    client.post('/v1/jobs', {
      ...REQUEST_BODY,
      variants: [{ mode: 'plugin', plugin: `sha256:${'0'.repeat(64)}` }],
    }),
  ).rejects.toThrow('variants.0.plugin: no upload has the digest');
  rmSync(folder, { recursive: true });
});

test(
  'a comparison accepts any metric of the registry, and refuses samples of two hosts unless ' +
    'requested',
  async () => {
    const store = await openStore(process.env.TEST_DATABASE_URL!);
    try {
      const { id } = await client.post<Job>('/v1/jobs', REQUEST_BODY);
      const { epoch } = (await claimJob(store, id, 'worker'))!;
      for (let block = 1; block <= 6; block++) {
        const runs = ['none', 'idle'].map((variant, position) =>
          newSampleOf({
            variant,
            workload: 'port-io writes=10',
            block,
            position,
            userNs: variant === 'idle' ? '800' : '400',
            exitStatus: 33,
            hostFingerprint: `sha256:${block > 3 ? 'b' : 'a'}`,
          }),
        );
        await insertSamples(store, id, epoch, runs, block);
      }
      const path = `/v1/jobs/${id}/comparison`;
      const refusal = await fetch(`${client.server}${path}`);
      expect([refusal.status, await refusal.json()]).toMatchObject([
        409,
        {
          error: {
            code: 'MIXED_HOSTS',
            kind: 'user',
            message: expect.stringContaining('sha256:a, sha256:b'),
          },
        },
      ]);

      const comparison = await client.get<Comparison>(`${path}?metric=userNs&mixedHosts=true`);
      expect(comparison).toMatchObject({
        metric: 'userNs',
        unit: 'ns',
        direction: 'smaller-is-better',
        mixedHosts: true,
        rows: [{ median: 400 }, { median: 800, ratio: { ratio: 2 }, verdict: 'regression' }],
      });
      await expect(client.get(`${path}?metric=beauty`)).rejects.toThrow(
        'this job has no comparable metric "beauty"; comparable: wallNs, userNs',
      );
      await expect(client.get(`/v1/jobs/${id}/samples?kind=other`)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
      expect(await client.get(`/v1/jobs/${id}/samples?kind=instructions`)).toEqual({ samples: [] });
    } finally {
      await store.close();
    }
  },
);

test('a missing resource is a 404 of the catalogue', async () => {
  for (const path of [
    '/v1/nothing',
    '/v1/jobs/00000000-0000-4000-8000-000000000000',
    '/v1/traces/999999999',
    '/v1/qemu/1.0/events',
    '/v1/workloads/none',
  ]) {
    const response = await fetch(client.server + path);
    expect([
      path,
      response.status,
      ((await response.json()) as { error: { code: string } }).error.code,
    ]).toEqual([path, 404, 'NOT_FOUND']);
  }
});

test.each([
  ['GET', '/v1/jobs?name=%00'],
  ['GET', '/v1/uploads/%00'],
  ['GET', '/v1/hosts/%00/noise'],
  ['DELETE', '/v1/hosts/%00/evidence'],
  ['GET', '/v1/hosts/%00'],
])('a NUL in an address is refused: %s %s', async (method, path) => {
  const response = await fetch(client.server + path, { method });

  expect([response.status, await response.json()]).toMatchObject([
    422,
    { error: { code: 'INVALID_REQUEST', message: expect.stringContaining('contains a NUL') } },
  ]);
});

test('a body of another type is refused with the type to send', async () => {
  const response = await fetch(`${client.server}/v1/jobs`, { method: 'POST', body: 'name: x' });

  expect(await response.json()).toMatchObject({
    error: { message: expect.stringContaining('send JSON as application/json') },
  });
});

test('the OpenAPI document describes every client route with its answers', async () => {
  const { paths } = await client.get<{ paths: Record<string, object> }>('/openapi.json');

  // The client routes. The server itself checks that every route is in the document and in the
  // access table.
  for (const path of [
    '/v1/jobs',
    '/v1/jobs/{id}',
    '/v1/jobs/{id}/comparison',
    '/v1/jobs/{id}/events',
    '/v1/uploads',
    '/v1/traces/{id}/records',
    '/v1/history',
  ])
    expect(paths).toHaveProperty([path]);
  const operations = Object.values(paths).flatMap(
    (methods) => Object.values(methods) as { responses: object }[],
  );
  for (const operation of operations) expect(Object.keys(operation.responses)).not.toHaveLength(0);
});
