// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { recordHost } from '#store/builds.js';
import type { HostFingerprint } from '#contract/host.js';
import { acceptJob, advanceJob, claimJob, loseWorkerJobs, requestCancel } from '#store/jobs.js';
import { QibenchError } from '#contract/error.js';
import { outboxLag } from '#store/scrape.js';
import { transaction } from '#store/store.js';
import { bearer, startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { jobPlan } from '#support/job-plan.js';
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
  await api.store.pool.query(
    'INSERT INTO same_comparison (job_id, workload, variant, host_fingerprint, alarm, recorded_at) ' +
      "VALUES ($1, 'old', 'none', $2, true, now() - interval '91 days')",
    [job.id, digest],
  );
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
