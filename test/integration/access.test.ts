// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Import } from '#contract/import.js';
import type { Job, JobList } from '#contract/job.js';
import type { Scope } from '#contract/token.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { storeEmptyTrace } from '#support/stored-trace.js';
import { uploadFiles } from '#support/upload.js';

const PUBLIC = [
  'GET /v1/health',
  'GET /v1/live',
  'GET /v1/ready',
  'POST /v1/session',
  'POST /v1/tokens/github',
  'GET /c/{prefix}',
];
const request = {
  name: 'access',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_*'],
  variants: ['none', 'idle'],
  workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
  blocks: 6,
};

let api: ClosedApi;
let routes: [method: string, path: string][];
beforeAll(async () => {
  api = await startClosedApi({
    QIBENCH_FAILURES_PER_MINUTE: '100000',
    QIBENCH_REQUESTS_PER_MINUTE: '100000',
  });
  const { paths } = (await api.ask('GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, unknown>>;
  };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
  );
}, 60_000);
afterAll(() => api.stop());

const isPublic = ([method, path]: [string, string]) => PUBLIC.includes(`${method} ${path}`);
const filled = (path: string, values: Record<string, string> = {}) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? randomUUID());
const project = () => `p-${randomUUID()}`;

test('every route of the API needs a token, for every method, except the public routes', async () => {
  expect(routes.length).toBeGreaterThan(25);
  for (const [method, path] of routes.filter((route) => !isPublic(route))) {
    expect([method, path, (await api.ask(method, filled(path))).status]).toEqual([
      method,
      path,
      401,
    ]);
    if (method === 'GET')
      expect([path, (await api.ask('HEAD', filled(path))).status]).toEqual([path, 401]);
  }
});

test('a token reaches the routes of its scopes and no others', async () => {
  const needs = ([method, path]: [string, string]): Scope => {
    if (/^\/v1\/(tokens|trusts|audit|webhooks|hosts\/{digest}\/evidence)/.test(path))
      return 'admin';
    return method === 'GET' ? 'jobs:read' : 'jobs:write';
  };
  for (const scope of ['jobs:read', 'jobs:write', 'admin'] as const) {
    const { secret } = await api.token({ scopes: [scope] });
    for (const route of routes.filter(
      (candidate) => !isPublic(candidate) && candidate[1] !== '/v1/session',
    )) {
      const { code } = await api.ask(
        route[0],
        filled(route[1]),
        bearer(secret),
        route[0] === 'GET' || route[0] === 'DELETE' ? undefined : {},
      );
      expect([scope, ...route, code === 'SCOPE_MISSING']).toEqual([
        scope,
        ...route,
        scope !== 'admin' && needs(route) !== scope,
      ]);
    }
  }
});

test(
  "an urgent job, which precedes all projects' jobs, needs the scope admin; a project sets its " +
    'other priorities itself',
  async () => {
    const mine = await api.token({ project: project() });
    const everybody = await api.token({ scopes: ['jobs:write'] });
    const admin = await api.token({ scopes: ['admin'] });
    const urgent = { ...request, priority: 'urgent' };

    for (const { client } of [mine, everybody])
      await expect(client.post('/v1/jobs', urgent)).rejects.toMatchObject({
        code: 'SCOPE_MISSING',
        details: [{ path: 'priority' }],
      });
    expect((await admin.client.post<Job>('/v1/jobs', urgent)).request.priority).toBe('urgent');
    expect(
      (await mine.client.post<Job>('/v1/jobs', { ...request, priority: 'high' })).request.priority,
    ).toBe('high');
  },
);

test("another project's resource is not found, on every route that names it", async () => {
  const [mine, theirs] = [project(), project()];
  const [me, they] = [await api.token({ project: mine }), await api.token({ project: theirs })];
  const job = await they.client.post<Job>('/v1/jobs', request);
  const upload = await uploadFiles(they.client, [
    { path: 'instrument.c', content: `int x; /* ${theirs} */` },
  ]);
  const trace = await addTrace(job.id);
  const alert = await addAlert(theirs);
  const named = [
    ['/v1/jobs/{id}', { id: job.id }],
    ['/v1/traces/{id}', { id: trace }],
    ['/v1/alerts/{id}', { id: alert }],
    ['/v1/uploads/{digest}', { digest: upload.digest }],
  ] as const;

  let walked = 0;
  for (const [prefix, values] of named) {
    for (const [method, path] of routes.filter(([, template]) => template.startsWith(prefix))) {
      const body = method === 'GET' ? undefined : { state: 'noise', reason: 'r' };
      const refused = await api.ask(method, filled(path, values), bearer(me.secret), body);
      expect([method, path, refused.status, refused.code]).toEqual([
        method,
        path,
        404,
        'NOT_FOUND',
      ]);
      walked += 1;
    }
    expect([
      prefix,
      (await api.ask('GET', filled(prefix, values), bearer(they.secret))).status,
    ]).toEqual([prefix, prefix === '/v1/alerts/{id}' ? 404 : 200]);
  }
  expect(walked).toBeGreaterThan(12);
  expect(await they.client.get<Job>(`/v1/jobs/${job.id}`)).toMatchObject({ state: 'queued' });
  // The answer does not distinguish a hidden resource from a missing one.
  const unknown = randomUUID();
  const [hidden, missing] = [
    await api.ask('GET', `/v1/jobs/${job.id}`, bearer(me.secret)),
    await api.ask('GET', `/v1/jobs/${unknown}`, bearer(me.secret)),
  ];
  expect(JSON.stringify(hidden.body)).toBe(JSON.stringify(missing.body).replace(unknown, job.id));
});

test(
  'a token of one project does not find jobs of another project or of none, by id or in its ' +
    'list',
  async () => {
    const [mine, me, all] = [project(), await api.token(), await api.token()];
    const token = await api.token({ project: mine });
    const none = await all.client.post<Job>('/v1/jobs', request);
    const other = await me.client.post<Job>('/v1/jobs', { ...request, project: project() });
    const job = await token.client.post<Job>('/v1/jobs', request);

    expect(job.request.project).toBe(mine);
    expect((await token.client.get<JobList>('/v1/jobs')).jobs.map(({ id }) => id)).toEqual([
      job.id,
    ]);
    for (const { id } of [none, other])
      expect((await api.ask('GET', `/v1/jobs/${id}`, bearer(token.secret))).status).toBe(404);
    for (const { id } of [none, other, job])
      expect((await api.ask('GET', `/v1/jobs/${id}`, bearer(all.secret))).status).toBe(200);
  },
);

test('a token of one project cannot name another, in a query or in a body', async () => {
  const { secret, client } = await api.token({ project: project() });
  const results = {
    format: 'custom-smaller-is-better',
    host: 'h',
    document: [{ name: 'n', unit: 'ns', value: 1 }],
  };
  const attempts = [
    ['POST', '/v1/jobs', { ...request, project: 'other' }],
    ['POST', '/v1/jobs', { ...request, project: ['other'] }],
    ['POST', '/v1/marks', { project: 'other', commit: 'c', reason: 'r' }],
    ['POST', '/v1/imports', { project: 'other', ...results }],
    ['GET', '/v1/jobs?project=other'],
    ['GET', '/v1/jobs?project=a&project=other'],
    ['GET', '/v1/alerts?project=other'],
    ['GET', '/v1/history?project=other&workload=w&variant=v'],
  ] as const;

  for (const [method, path, body] of attempts)
    expect([path, (await api.ask(method, path, bearer(secret), body)).code]).toEqual([
      path,
      'OTHER_PROJECT',
    ]);
  expect((await client.post<Import>('/v1/imports', results)).project).toMatch(/^p-/);
});

test("a job cannot use another project's upload or baseline, even with a known digest or id", async () => {
  const [me, they] = [
    await api.token({ project: project() }),
    await api.token({ project: project() }),
  ];
  const files = [{ path: 'instrument.c', content: `int x; /* ${randomUUID()} */` }];
  const { digest } = await uploadFiles(they.client, files);
  const theirs = await they.client.post<Job>('/v1/jobs', { ...request, instrumentation: digest });

  await expect(
    me.client.post('/v1/jobs', { ...request, instrumentation: digest }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_UPLOAD' });
  await expect(
    me.client.post('/v1/jobs', { ...request, baseline: { job: theirs.id } }),
  ).rejects.toMatchObject({ code: 'UNKNOWN_BASELINE_JOB' });
  // Possession of the files gives access to them.
  expect((await uploadFiles(me.client, files)).digest).toBe(digest);
  expect(
    await me.client.post<Job>('/v1/jobs', { ...request, instrumentation: digest }),
  ).toMatchObject({ state: 'queued' });
});

test("a token of all projects cannot give a project another one's job as a baseline", async () => {
  const [mine, theirs, all] = [project(), project(), await api.token()];
  const job = await all.client.post<Job>('/v1/jobs', { ...request, project: theirs });
  const none = await all.client.post<Job>('/v1/jobs', request);
  const against = (id: string, of?: string) =>
    all.client.post<Job>('/v1/jobs', { ...request, project: of, baseline: { job: id } });

  for (const id of [job.id, none.id])
    await expect(against(id, mine)).rejects.toMatchObject({ code: 'UNKNOWN_BASELINE_JOB' });
  expect((await against(job.id, theirs)).request.project).toBe(theirs);
  // Only tokens of all projects see a job without a project.
  expect((await against(job.id)).request.project).toBeUndefined();
});

test(
  'an Idempotency-Key belongs to its project: a guessed key reveals nothing of another ' +
    "project's job",
  async () => {
    const [me, they] = [
      await api.token({ project: project() }),
      await api.token({ project: project() }),
    ];
    const headers = { 'idempotency-key': randomUUID() };
    const theirs = await they.client.post<Job>('/v1/jobs', request, headers);
    const mine = await me.client.post<Job>('/v1/jobs', request, headers);

    expect(mine.id).not.toBe(theirs.id);
    expect((await they.client.post<Job>('/v1/jobs', request, headers)).id).toBe(theirs.id);
    await expect(
      me.client.post('/v1/jobs', { ...request, name: 'another' }, headers),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  },
);

async function addTrace(jobId: string): Promise<string> {
  const sample = await api.store.pool.query<{ id: string }>(
    `INSERT INTO sample (job_id, epoch, block, position, variant, workload, wall_ns, user_ns,
       system_ns, max_rss_bytes, exit_status, metrics, host_fingerprint, build_key, started_at)
     VALUES ($1, 1, 1, 0, 'none', 'w', 1, 1,
       1, 1, 0, '[]', 'h', 'k', now())
     RETURNING id::text`,
    [jobId],
  );
  return storeEmptyTrace(api.store, { sampleId: sample.rows[0]!.id, jobId });
}

async function addAlert(projectName: string): Promise<string> {
  const point = await api.store.pool.query<{ id: string }>(
    `INSERT INTO history_point (source, source_id, project, branch, workload, variant, metric,
       unit, direction, host_fingerprint, at, value)
     VALUES ('job', $1, $2, 'main', 'w', 'v', 'm',
       'ns', 'smaller-is-better', 'h', now(), 1)
     RETURNING id::text`,
    [randomUUID(), projectName],
  );
  const alert = await api.store.pool.query<{ id: string }>(
    `INSERT INTO alert (project, branch, workload, variant, metric, host_fingerprint, point_id,
       before, after, ratio, p_value, worse)
     VALUES ($1, 'main', 'w', 'v', 'm', 'h', $2,
       1, 2, 2, 0.01, true)
     RETURNING id::text`,
    [projectName, point.rows[0]!.id],
  );
  return alert.rows[0]!.id;
}

test('where badges are public, a short link needs a token of the job, as it completes the id', async () => {
  const badges = await startClosedApi({ QIBENCH_PUBLIC_BADGES: '1' });
  try {
    const [mine, other] = [project(), project()];
    const { client } = await badges.token({ project: mine });
    const { id } = await client.post<Job>('/v1/jobs', { ...request, project: mine });
    const link = `/c/${id.slice(0, 8)}`;
    const status = async (closed: ClosedApi, of?: string) => {
      const headers = of === undefined ? {} : bearer((await closed.token({ project: of })).secret);
      return (await closed.ask('GET', link, headers)).status;
    };

    expect([await status(badges), await status(badges, other)]).toEqual([401, 404]);
    expect([await status(badges, mine), await status(api)]).toEqual([302, 302]);
  } finally {
    await badges.stop();
  }
}, 60_000);

test("an upload's answer does not tell that another project has sent the same before", async () => {
  const content = `int x; /* ${randomUUID()} */`;
  for (const sender of [project(), project()]) {
    const { client } = await api.token({ project: sender });
    const upload = await uploadFiles(client, [{ path: 'instrument.c', content }]);

    expect(upload).toEqual({
      digest: expect.stringMatching(/^sha256:/) as string,
      kind: 'code',
      files: [{ path: 'instrument.c', sizeBytes: content.length }],
    });
  }
});
