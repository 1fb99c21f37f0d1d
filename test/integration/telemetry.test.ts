import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { recordHost } from '#store/builds.js';
import type { HostFingerprint } from '#contract/host.js';
import { acceptJob, advanceJob, claimJob, loseWorkerJobs, requestCancel } from '#store/jobs.js';
import { QibenchError } from '#contract/error.js';
import { outboxLag } from '#store/scrape.js';
import { takesWrites } from '#store/readiness.js';
import { openStore, transaction } from '#store/store.js';
import { traceparentOf } from '#store/traceparent.js';
import type { Client } from '#cli/client.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { startApi } from '#support/api-process.js';
import { startReceiver } from '#support/otlp-receiver.js';
import { parseExposition } from '#support/prometheus-text.js';
import { startWorker } from '#support/worker-process.js';
import { jobRequest } from '#support/job-request.js';

let api: ClosedApi;
let reader: string;
beforeAll(async () => {
  api = await startClosedApi();
  reader = (await api.token({ scopes: ['jobs:read'] })).secret;
}, 60_000);
afterAll(() => api.stop());

async function scrape(url = `${api.url}/metrics`, secret: string | null = reader) {
  const response = await fetch(url, secret === null ? {} : { headers: bearer(secret) });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ]);
  const families = parseExposition(await response.text());
  const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
    families
      .get(name.replace(/_(count|sum|bucket)$/, ''))
      ?.samples.find(
        (one) =>
          one.name === name &&
          Object.entries(labels).every(([label, text]) => one.labels[label] === text),
      )?.value;
  return { families, value };
}
const accept = async (name = 'job') =>
  (
    await acceptJob(api.store, {
      request: jobRequest({ name }),
      plan: { events: [], variants: [], workloads: [], seed: 1, blocks: 1 } as never,
      requestDigest: 'd',
    })
  ).job;

test('metrics need a token for all projects, unless the operator makes them public', async () => {
  const ofProject = (await api.token({ project: 'p', scopes: ['jobs:read'] })).secret;
  const writer = (await api.token({ scopes: ['jobs:write'] })).secret;
  expect((await api.ask('GET', '/metrics')).status).toBe(401);
  expect(await api.ask('GET', '/metrics', bearer(ofProject))).toMatchObject({
    status: 403,
    code: 'OTHER_PROJECT',
  });
  expect(await api.ask('GET', '/metrics', bearer(writer))).toMatchObject({
    status: 403,
    code: 'SCOPE_MISSING',
  });
  await scrape();

  const open = await startClosedApi({ QIBENCH_OPEN_METRICS: '1' });
  await scrape(`${open.url}/metrics`, null);
  await open.stop();
}, 60_000);

test('metrics count jobs by state, by end and reason, and count retries and losses', async () => {
  const before = await scrape();
  const gained = (after: typeof before, labels: Record<string, string>) =>
    (after.value('qibench_job_transitions_total', labels) ?? 0) -
    (before.value('qibench_job_transitions_total', labels) ?? 0);
  const worker = `lost-${randomUUID()}`;
  const [failed, tried, lost, cancelled, waits] = [
    await accept(),
    await accept(),
    await accept(),
    await accept(),
    await accept(),
  ];
  const { epoch } = (await claimJob(api.store, failed.id, 'w'))!;
  await advanceJob(api.store, failed.id, epoch, {
    type: 'failed',
    error: new QibenchError('INVALID_REQUEST', { count: 1, summary: 's' }),
  });
  await claimJob(api.store, tried.id, 'w');
  await advanceJob(api.store, tried.id, 1, {
    type: 'failed',
    error: new QibenchError('DOCKER_UNREACHABLE', { reason: 'r' }),
  });
  await claimJob(api.store, lost.id, worker);
  await loseWorkerJobs(api.store, worker);
  await requestCancel(api.store, cancelled.id);
  await api.store.pool.query(
    "UPDATE job SET created_at = now() - interval '1000 days' WHERE id = $1",
    [waits.id],
  );

  const after = await scrape();
  expect(
    gained(after, { event: 'failed', state: 'failed', kind: 'user', code: 'INVALID_REQUEST' }),
  ).toBe(1);
  expect(
    gained(after, { event: 'failed', state: 'queued', kind: 'infra', code: 'DOCKER_UNREACHABLE' }),
  ).toBe(1);
  expect(gained(after, { event: 'lost', state: 'queued', kind: '', code: '' })).toBe(1);
  expect(gained(after, { event: 'cancelled', state: 'cancelled', code: 'CANCELLED' })).toBe(1);
  expect(
    after.value('qibench_jobs', { state: 'queued' })! -
      before.value('qibench_jobs', { state: 'queued' })!,
  ).toBe(3);
  expect(after.value('qibench_oldest_queued_job_age_seconds')).toBeGreaterThan(999 * 86_400);
  await requestCancel(api.store, waits.id);
});

test('a due announcement that is not sent counts as lag, and a later one does not', async () => {
  const [due, later] = [await accept(), await accept()];
  await transaction(api.store, async (client) => {
    // Hides the work of relay and reaper meanwhile.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await client.query("UPDATE job SET not_before = now() + interval '1 hour' WHERE id = $1", [
      later.id,
    ]);
    const before = await outboxLag(client);
    for (const { id } of [due, later])
      await client.query(
        "INSERT INTO outbox (job_id, created_at) VALUES ($1, now() - interval '100 days')",
        [id],
      );
    const after = await outboxLag(client);
    expect(after.rows).toBe(before.rows + 1);
    expect(after.oldestSeconds).toBeCloseTo(8_640_000, 1);
  });
  // Other processes may have sent them meanwhile.
  await api.store.pool.query('DELETE FROM outbox WHERE job_id = ANY($1)', [[due.id, later.id]]);
});

test("a host's false-alarm rate has its interval", async () => {
  const digest = `sha256:${randomUUID()}`;
  await recordHost(api.store, { digest } as HostFingerprint);
  const job = await accept();
  for (const [workload, alarm] of [
    ['a', true],
    ['b', false],
    ['c', false],
    ['d', false],
  ] as const) {
    await api.store.pool.query(
      'INSERT INTO same_comparison (job_id, workload, variant, host_fingerprint, alarm) ' +
        "VALUES ($1, $2, 'none', $3, $4)",
      [job.id, workload, digest, alarm],
    );
  }
  const { value } = await scrape();
  expect(value('qibench_same_comparisons', { host: digest })).toBe(4);
  expect(value('qibench_false_alarm_ratio', { host: digest })).toBe(0.25);
  expect(value('qibench_false_alarm_ratio_bound', { host: digest, bound: 'low' })).toBeCloseTo(
    0.0063,
    4,
  );
  expect(value('qibench_false_alarm_ratio_bound', { host: digest, bound: 'high' })).toBeCloseTo(
    0.8059,
    4,
  );
});

test("requests are counted by their route's pattern: text from an address is never a label", async () => {
  for (const path of [
    '/v1/jobs/evil-1',
    '/evil-2',
    `/v1/jobs/${randomUUID()}`,
    '/v1/traces/evil%22%0A',
  ])
    await api.ask('GET', path, bearer(reader));
  const { families, value } = await scrape();
  expect(
    value('qibench_http_request_duration_seconds_count', {
      method: 'GET',
      route: '/v1/jobs/:id',
      status: '404',
    }),
  ).toBe(1);
  expect(
    value('qibench_http_request_duration_seconds_count', {
      method: 'any',
      route: 'none',
      status: '404',
    }),
  ).toBe(1);
  expect(JSON.stringify([...families])).not.toContain('evil');
  expect(JSON.stringify(families.get('qibench_http_request_duration_seconds'))).not.toMatch(
    /[0-9a-f]{8}-[0-9a-f]{4}-/,
  );
});

test('a metrics part that cannot be read is omitted and counted, and the rest is served', async () => {
  await api.store.pool.query('ALTER TABLE outbox RENAME TO outbox_away');
  try {
    const { families, value } = await scrape();
    expect(value('qibench_scrape_failures_total', { part: 'outbox' })).toBe(1);
    expect(families.has('qibench_outbox_unsent_rows')).toBe(false);
    expect(value('qibench_jobs', { state: 'queued' })).toBeGreaterThanOrEqual(0);
  } finally {
    await api.store.pool.query('ALTER TABLE outbox_away RENAME TO outbox');
  }
  expect((await scrape()).families.has('qibench_outbox_unsent_rows')).toBe(true);
});

test('a metrics part blocked by a lock is given up within seconds', async () => {
  const client = await api.store.pool.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE worker IN ACCESS EXCLUSIVE MODE');
  try {
    const { families } = await scrape();
    expect([families.has('qibench_workers'), families.has('qibench_jobs')]).toEqual([false, true]);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

test(
  'the API is always live, and ready when migrations are applied, Postgres accepts writes and ' +
    'Redis answers',
  async () => {
    const ready = async () =>
      (await api.ask('GET', '/v1/ready')) as unknown as {
        status: number;
        body: {
          ready: boolean;
          upSeconds: number;
          checks: { name: string; ok: boolean; reason: string | null }[];
        };
      };
    expect(await ready()).toMatchObject({
      status: 200,
      body: {
        ready: true,
        upSeconds: expect.any(Number),
        checks: ['migrations', 'postgres', 'redis'].map((name) => ({
          name,
          ok: true,
          reason: null,
        })),
      },
    });

    await api.store.pool.query(
      "UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '0012_telemetry'",
    );
    const { status, body } = await ready();
    await api.store.pool.query(
      "UPDATE _prisma_migrations SET finished_at = now() WHERE migration_name = '0012_telemetry'",
    );
    expect([status, body.ready, body.checks[0]]).toEqual([
      503,
      false,
      { name: 'migrations', ok: false, reason: 'not applied: 0012_telemetry' },
    ]);
    expect(await api.ask('GET', '/v1/live')).toMatchObject({ status: 200, body: { live: true } });
  },
);

test('a read-only Postgres makes the API not ready', async () => {
  const url = new URL(process.env.TEST_DATABASE_URL!);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const standby = await openStore(url.href);
  expect([await takesWrites(standby), await takesWrites(api.store)]).toEqual([false, true]);
  await standby.close();
});

test(
  'the API log is JSON and has every request with route, id and subject, no secret, and the ' +
    "API's end",
  async () => {
    const other = await startApi(
      { QIBENCH_OPEN_ON_LOOPBACK: '0', QIBENCH_LOG_LEVEL: 'info' },
      'pipe',
    );
    const token = await api.token();
    const jobId = randomUUID();
    const headers = { ...bearer(token.secret), cookie: `c=${token.secret}` };
    const answer = await fetch(`${other.client.server}/v1/jobs/${jobId}?secret=${token.secret}`, {
      headers,
    });
    await fetch(`${other.client.server}/v1/nothing/%0A%7B${token.secret}`, { headers });
    await other.stop();

    const log = other.logged();
    const lines = log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(
      lines.find(({ requestId }) => requestId === answer.headers.get('x-request-id')),
    ).toMatchObject({
      part: 'api',
      level: 'info',
      method: 'GET',
      route: '/v1/jobs/:id',
      status: 404,
      code: 'NOT_FOUND',
      jobId,
      tokenId: token.id,
      subject: expect.stringContaining('test'),
    });
    expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(2);
    expect(log).not.toContain(token.secret.slice(4, 20));

    const broken = spawnSync(process.execPath, ['dist/services/api/main.js'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x',
        REDIS_URL: process.env.TEST_REDIS_URL,
      },
    });
    expect(broken.status).toBe(1);
    expect(JSON.parse(broken.stderr.trim().split('\n').at(-1)!)).toMatchObject({
      level: 'fatal',
      part: 'api',
    });
    expect(broken.stderr).not.toContain('hidden');
  },
  60_000,
);

test("a job submitted with a collector configured carries its request's trace context", async () => {
  const receiver = await startReceiver();
  const traced = await startApi({ QIBENCH_OTLP_URL: receiver.url });
  const request = {
    name: 'traced',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_*'],
    variants: ['none', 'idle'],
    workloads: [{ name: 'port-io', parameters: { writes: 10 } }],
    blocks: 6,
  };
  const submit = (client: Client, headers = {}) =>
    fetch(`${client.server}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    });
  const parent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
  const answer = await submit(traced.client, { traceparent: parent });
  const { id } = (await answer.json()) as { id: string };
  await traced.stop();
  await receiver.close();
  expect(answer.status).toBe(202);

  const span = receiver.spans.find(({ name }) => name === 'accept job')!;
  expect(span).toMatchObject({
    service: 'qibench-api',
    traceId: 'c'.repeat(32),
    parentSpanId: 'd'.repeat(16),
    attributes: { 'cicd.pipeline.run.id': id, 'cicd.pipeline.name': 'traced' },
  });
  expect(await traceparentOf(api.store, id)).toBe(`00-${span.traceId}-${span.spanId}-01`);
  expect(await traceparentOf(api.store, (await accept()).id)).toBeNull();
  await requestCancel(api.store, id);
}, 60_000);

test('a worker serves liveness, readiness and its metrics on its own port', async () => {
  const worker = await startWorker();
  try {
    expect(new URL(worker.url).hostname).toBe('127.0.0.1');
    expect(await (await fetch(`${worker.url}/live`)).json()).toMatchObject({ live: true });
    const ready = await fetch(`${worker.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        ready: true,
        upSeconds: expect.any(Number),
        checks: ['docker', 'postgres', 'heartbeat'].map((name) => ({
          name,
          ok: true,
          reason: null,
        })),
      },
    ]);
    for (const [method, path] of [
      ['GET', '/other'],
      ['POST', '/metrics'],
      ['GET', '/__proto__'],
    ] as const)
      expect((await fetch(worker.url + path, { method })).status).toBe(404);
    expect(
      worker.lines().every(({ part, worker: name }) => part === 'worker' && name === worker.name),
    ).toBe(true);

    const described = /^\| `([a-z_0-9]+)` \| (\w+) \|(?: `[^|]*)? ?\|/gm;
    const documented = [...readFileSync('docs/operating.md', 'utf8').matchAll(described)].map(
      ([, name, of]) => `${name} ${of}`,
    );
    const [ofApi, ofWorker] = [await scrape(), await scrape(`${worker.url}/metrics`, null)].map(
      ({ families }) => [...families.keys()],
    );
    const both = ofApi!.filter((name) => ofWorker!.includes(name));
    const expected = [
      ...both.map((name) => `${name} both`),
      ...ofWorker!.filter((name) => !both.includes(name)).map((name) => `${name} worker`),
      ...ofApi!.filter((name) => !both.includes(name)).map((name) => `${name} API`),
    ];
    expect(documented.map((entry) => entry.replace(/ store$/, ' API')).sort()).toEqual(
      expected.sort(),
    );
    expect(
      (await scrape(`${worker.url}/metrics`, null)).value('qibench_worker_heartbeat_age_seconds'),
    ).toBeLessThan(30);
  } finally {
    await worker.stop();
  }
}, 60_000);
