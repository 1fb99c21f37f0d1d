// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { acceptJob, requestCancel } from '#store/jobs.js';
import { takesWrites } from '#store/readiness.js';
import { openStore } from '#store/store.js';
import { traceparentOf } from '#store/traceparent.js';
import type { Client } from '#cli/client.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { startApi } from '#support/api-process.js';
import { jobPlan } from '#support/job-plan.js';
import { startReceiver } from '#support/otlp-receiver.js';
import { startWorker } from '#support/worker-process.js';
import { jobRequest } from '#support/job-request.js';
import { scrapeMetrics } from '#support/scrape.js';

let api: ClosedApi;
let reader: string;
beforeAll(async () => {
  api = await startClosedApi();
  reader = (await api.token({ scopes: ['jobs:read'] })).secret;
}, 60_000);
afterAll(() => api.stop());

const scrape = (url = `${api.url}/metrics`, secret: string | null = reader) =>
  scrapeMetrics(url, secret);
const accept = async (name = 'job') =>
  (
    await acceptJob(api.store, {
      request: jobRequest({ name }),
      plan: jobPlan({ variants: [], workloads: [], blocks: 1 }),
      requestDigest: 'd',
    })
  ).job;

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
        checks: ['migrations', 'postgres', 'compute', 'redis'].map((name) => ({
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
      ([, name, type]) => `${name} ${type}`,
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
