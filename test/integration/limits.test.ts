// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { ProjectList } from '#contract/history.js';
import type { Job } from '#contract/job.js';
import { migrate } from '#store/migrate.js';
import { countUse } from '#store/project-use.js';
import { openStore } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { uploadFiles } from '#support/upload.js';

const request = {
  name: 'limits',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_*'],
  variants: ['none', 'idle'],
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
  blocks: 6,
};

async function withApi(
  settings: Record<string, string>,
  use: (api: ClosedApi) => Promise<void>,
): Promise<void> {
  const api = await startClosedApi(settings);
  try {
    await use(api);
  } finally {
    await api.stop();
  }
}

test('a token that exceeds its rate limit has to wait, and other tokens do not', async () => {
  await withApi({ QIBENCH_REQUESTS_PER_MINUTE: '5' }, async (api) => {
    const [often, seldom] = [await api.token(), await api.token()];
    for (let count = 0; count < 5; count++)
      expect((await api.ask('GET', '/v1/jobs?limit=1', bearer(often.secret))).status).toBe(200);

    const refused = await api.ask('GET', '/v1/jobs?limit=1', bearer(often.secret));
    expect([refused.status, refused.body]).toMatchObject([
      429,
      {
        error: {
          code: 'RATE_LIMITED',
          kind: 'user',
          message: expect.stringContaining('more than 5 requests'),
        },
      },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.ask('GET', '/v1/jobs?limit=1', bearer(seldom.secret))).status).toBe(200);
  });
}, 60_000);

test('an address that keeps trying tokens has to wait, even with a valid one', async () => {
  await withApi({ QIBENCH_FAILURES_PER_MINUTE: '3' }, async (api) => {
    const { secret } = await api.token();
    for (let count = 0; count < 3; count++)
      expect((await api.ask('POST', '/v1/session', {}, { token: 'guess' })).status).toBe(401);

    for (const headers of [
      {},
      bearer(secret),
      { ...bearer(secret), 'x-forwarded-for': '192.0.2.1' },
    ])
      expect((await api.ask('GET', '/v1/jobs', headers)).status).toBe(429);
    expect((await api.ask('POST', '/v1/session', {}, { token: secret })).status).toBe(429);
    expect((await api.ask('GET', '/v1/health')).status).toBe(200);
  });
}, 60_000);

test("a trusted proxy names the client's address", async () => {
  await withApi(
    { QIBENCH_FAILURES_PER_MINUTE: '1', QIBENCH_TRUST_PROXY: '127.0.0.1' },
    async (api) => {
      const from = (ip: string) =>
        api.ask('GET', '/v1/jobs', { 'x-forwarded-for': ip }).then(({ status }) => status);
      expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([
        401, 429, 401,
      ]);
    },
  );
}, 60_000);

test(
  'a project has quotas for waiting jobs, runs in a job and bytes of uploads, and the error ' +
    'names the rule',
  async () => {
    await withApi(
      {
        QIBENCH_QUOTA_QUEUED_JOBS: '2',
        QIBENCH_QUOTA_RUNS_PER_JOB: '12',
        QIBENCH_QUOTA_UPLOAD_BYTES: '4000',
      },
      async (api) => {
        const { client } = await api.token({ project: `p-${randomUUID()}` });
        const headers = { 'idempotency-key': 'k' };
        const first = await client.post<Job>('/v1/jobs', request, headers);
        // Three at once, with space for one.
        const more = await Promise.allSettled(
          [1, 2, 3].map(() => client.post<Job>('/v1/jobs', request)),
        );
        expect(more.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        await expect(client.post('/v1/jobs', request)).rejects.toThrow(
          'may have 2 queued jobs; this request would raise it to 3',
        );
        // Exists already.
        expect((await client.post<Job>('/v1/jobs', request, headers)).id).toBe(first.id);

        await client.post(`/v1/jobs/${first.id}/cancel`, {});
        await expect(client.post('/v1/jobs', { ...request, blocks: 7 })).rejects.toThrow(
          'may have 12 measured runs in a job; this request would raise it to 14',
        );
        await client.post<Job>('/v1/jobs', request);

        const files = (text: string) => [{ path: 'instrument.c', content: text }];
        await uploadFiles(client, files('int a;'));
        await uploadFiles(client, files('int a;')); // identical content counts once
        await expect(uploadFiles(client, files('x'.repeat(4_000)))).rejects.toThrow(
          'may have 4000 bytes of uploads',
        );
        await uploadFiles((await api.token()).client, files('x'.repeat(4_000)));
      },
    );
  },
  60_000,
);

test('a project has quotas for jobs and imports of a day, for their bytes, and for marks', async () => {
  await withApi(
    {
      QIBENCH_QUOTA_JOBS_PER_DAY: '3',
      QIBENCH_QUOTA_RESULT_BYTES: '50000',
      QIBENCH_QUOTA_IMPORTS_PER_DAY: '2',
      QIBENCH_QUOTA_IMPORT_BYTES: '50000',
      QIBENCH_QUOTA_MARKS: '2',
    },
    async (api) => {
      const project = `p-${randomUUID()}`;
      const { client } = await api.token({ project });
      const submit = () => client.post<Job>('/v1/jobs', request);
      const measurement = {
        format: 'custom-smaller-is-better',
        host: 'h',
        document: [{ name: 'b', unit: 's', value: 1 }],
      };
      const bring = () => client.post('/v1/imports', measurement);
      const mark = () => client.post('/v1/marks', { project, commit: 'c', reason: 'r' });
      const ofAnother = (await api.token({ project: `p-${randomUUID()}` })).client;
      /** Ends the day: what it brought counts no more, except for its bytes. */
      const pass = async (bytes: number) => {
        for (const table of ['job', 'import'])
          await api.store.pool.query(
            `UPDATE ${table} SET created_at = created_at - interval '1 day' WHERE project = $1`,
            [project],
          );
        await api.store.pool.query('UPDATE job SET log_bytes = $2 WHERE project = $1', [
          project,
          bytes,
        ]);
        await api.store.pool.query('UPDATE import SET bytes = $2 WHERE project = $1', [
          project,
          bytes,
        ]);
        await countUse(api.store);
      };

      for (let index = 0; index < 3; index += 1)
        await client.post(`/v1/jobs/${(await submit()).id}/cancel`, {});
      await expect(submit()).rejects.toThrow(
        'may have 3 jobs within 24 hours; this request would raise it to 4',
      );
      for (let index = 0; index < 2; index += 1) await bring();
      await expect(bring()).rejects.toThrow('may have 2 imports within 24 hours');
      for (let index = 0; index < 2; index += 1) await mark();
      await expect(mark()).rejects.toThrow('may have 2 marks');

      await pass(100);
      await submit();
      await bring();
      await pass(60_000);
      await expect(submit()).rejects.toThrow('may have 50000 bytes of results');
      await expect(bring()).rejects.toThrow('may have 50000 bytes of imports');
      await ofAnother.post<Job>('/v1/jobs', request);

      const { projects, quota } = await client.get<ProjectList>('/v1/projects');
      expect(projects).toMatchObject([{ name: project, use: { jobs: 4, imports: 3 } }]);
      expect(quota).toMatchObject({ jobsPerDay: 3, importsPerDay: 2, marks: 2 });
    },
  );
}, 60_000);

test('bytes count against the quota at once, not only at the next count', async () => {
  await withApi({ QIBENCH_QUOTA_IMPORT_BYTES: '1500' }, async (api) => {
    const { client } = await api.token({ project: `p-${randomUUID()}` });
    const bring = () =>
      client.post('/v1/imports', {
        format: 'custom-smaller-is-better',
        host: 'h',
        document: [{ name: 'b', unit: 's', value: 1 }],
      });
    await countUse(api.store);
    for (let index = 0; index < 2; index += 1) await bring();

    await expect(bring()).rejects.toThrow('may have 1500 bytes of imports');
  });
}, 60_000);

test('a project has a quota for the points of its histories, also for jobs', async () => {
  await withApi({ QIBENCH_QUOTA_POINTS: '3' }, async (api) => {
    const { client } = await api.token({ project: `p-${randomUUID()}` });
    const bring = (...names: string[]) =>
      client.post('/v1/imports', {
        format: 'custom-smaller-is-better',
        host: 'h',
        document: names.map((name) => ({ name, unit: 's', value: 1 })),
      });
    await bring('a', 'b');
    await client.post<Job>('/v1/jobs', request);

    await expect(bring('a', 'b')).rejects.toThrow(
      'may have 3 points of histories; this request would raise it to 4',
    );
    await bring('a');
    await expect(client.post('/v1/jobs', request)).rejects.toThrow(
      'may have 3 points of histories; this request would raise it to 4',
    );
  });
}, 60_000);

test('what jobs without a project store is listed for tokens of all projects', async () => {
  await withApi({}, async (api) => {
    const { client } = await api.token();
    await client.post<Job>('/v1/jobs', request);
    await countUse(api.store);

    const all = await client.get<ProjectList>('/v1/projects');
    expect(all.withoutProject!.jobs).toBeGreaterThan(0);
    expect(all.projects.map(({ name }) => name)).not.toContain('');
    const one = await api.token({ project: `p-${randomUUID()}` });
    expect((await one.client.get<ProjectList>('/v1/projects')).withoutProject).toBeNull();
  });
}, 60_000);

test("a new service prints one administrator's token, once", async () => {
  const name = `first_${process.pid}`;
  const url = Object.assign(new URL(process.env.TEST_DATABASE_URL!), { pathname: `/${name}` }).href;
  const ours = await openStore(process.env.TEST_DATABASE_URL!);
  await ours.pool.query(`CREATE DATABASE ${name}`);
  try {
    await migrate(url, process.cwd());
    const settings = { QIBENCH_OPEN_ON_LOOPBACK: '0', DATABASE_URL: url };
    const first = await startApi(settings);
    await first.client.get('/v1/health');
    await first.stop();
    const secret = /qib_[0-9a-f]+_[0-9a-f]{8}/.exec(first.output())![0];

    const second = await startApi(settings);
    expect(
      (await fetch(`${second.client.server}/v1/tokens`, { headers: bearer(secret) })).status,
    ).toBe(200);
    await second.stop();
    expect(second.output()).not.toContain('qib_');
  } finally {
    await ours.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await ours.close();
  }
}, 60_000);

test(
  'a service open on loopback needs no token, but refuses pages of other sites and other host ' +
    'names',
  async () => {
    const api = await startApi();
    const { port } = new URL(api.client.server);
    const ask = (method: string, headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const call = httpRequest(
          {
            host: '127.0.0.1',
            port,
            path: '/v1/marks',
            method,
            headers: { 'content-type': 'application/json', ...headers },
          },
          (response) => resolve(response.resume().statusCode!),
        );
        call.once('error', reject);
        call.end(
          method === 'POST'
            ? JSON.stringify({ project: 'p', commit: 'c', reason: 'r' })
            : undefined,
        );
      });
    try {
      expect(await ask('POST', {})).toBe(201);
      expect(await ask('POST', { origin: api.client.server })).toBe(201);
      expect(
        await ask('POST', { host: `localhost:${port}`, origin: `http://localhost:${port}` }),
      ).toBe(201);
      expect(await ask('POST', { cookie: '__Host-qibench=of-another-service' })).toBe(201);
      for (const [name, value] of [
        ['origin', 'https://evil.example'],
        ['host', 'rebound.example'],
        ['host', '127.0.0.1.evil.example'],
        ['x-forwarded-for', '192.0.2.1'],
      ] as const) {
        expect([name, value, await ask('POST', { [name]: value })]).toEqual([name, value, 403]);
      }
      expect(await ask('POST', bearer('wrong'))).toBe(401);
    } finally {
      await api.stop();
    }
  },
  60_000,
);

test.each(['0.0.0.0', '::'])(
  'an open service does not start on %s',
  async (host) => {
    await expect(startApi({ QIBENCH_HOST: host })).rejects.toThrow('did not start');
  },
  60_000,
);
