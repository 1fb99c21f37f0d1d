// SPDX-License-Identifier: GPL-2.0-or-later
import { Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import type { AuditList } from '#contract/audit.js';
import type { Job } from '#contract/job.js';
import { SESSION_COOKIE } from '#api/auth/credentials.js';
import { advanceJob, claimJob } from '#store/jobs.js';
import { startClosedApi, type ClosedApi } from '#support/closed-api.js';
import { startProxy } from '#support/round-robin-proxy.js';

const request = {
  name: 'several',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  variants: ['none'],
  workloads: [{ name: 'port-io' }],
  blocks: 6,
};

let first: ClosedApi;
let second: ClosedApi;
let proxy: Awaited<ReturnType<typeof startProxy>>;
beforeAll(async () => {
  [first, second] = await Promise.all([
    startClosedApi({ QIBENCH_TRUST_PROXY: '127.0.0.1' }),
    startClosedApi({ QIBENCH_TRUST_PROXY: '127.0.0.1' }),
  ]);
  proxy = await startProxy([first.url, second.url]);
}, 60_000);
afterAll(async () => {
  await proxy.stop();
  await Promise.all([first.stop(), second.stop()]);
});

test('a client follows a job on one process while another process accepted it', async () => {
  const { client, secret } = await first.token();
  const other = new Client(second.url, secret);
  const { id } = await client.post<Job>('/v1/jobs', request);
  const states: string[] = [];
  for await (const { body } of jobEvents(other, id)) {
    if (body.type !== 'state') continue;
    states.push(body.state);
    // Each step waits until the other process has seen the last one.
    if (body.state === 'queued') await claimJob(first.store, id, 'w');
    if (body.state === 'building') await advanceJob(first.store, id, 1, { type: 'built' });
    if (body.state === 'measuring') await advanceJob(first.store, id, 1, { type: 'measured' });
  }

  expect(states).toEqual(['queued', 'building', 'measuring', 'succeeded']);
});

test('a key names one job for all processes, and any process cancels it', async () => {
  const { secret } = await first.token();
  const clients = [first, second].map(({ url }) => new Client(url, secret));
  const jobs = await Promise.all(
    [0, 1, 0, 1].map((index) =>
      clients[index]!.post<Job>('/v1/jobs', request, { 'idempotency-key': secret }),
    ),
  );
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);

  expect((await clients[1]!.post<Job>(`/v1/jobs/${jobs[0]!.id}/cancel`, {})).state).toBe(
    'cancelled',
  );
  expect((await clients[0]!.get<Job>(`/v1/jobs/${jobs[0]!.id}`)).state).toBe('cancelled');
});

test('every process knows a session and a revoked token', async () => {
  const admin = await first.token({ scopes: ['admin'] });
  const reader = await first.token({ scopes: ['jobs:read'] });
  const signedIn = await first.ask(
    'POST',
    '/v1/session',
    { origin: first.url },
    { token: reader.secret },
  );
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  expect(cookie).toContain(SESSION_COOKIE);
  expect((await second.ask('GET', '/v1/session', { cookie })).status).toBe(200);

  await new Client(first.url, admin.secret).delete(`/v1/tokens/${reader.id}`);

  expect((await second.ask('GET', '/v1/session', { cookie })).status).toBe(401);
});

test(
  'behind a proxy that spreads requests, a job is submitted and followed, and the log has the ' +
    "client's address",
  async () => {
    const { secret } = await first.token();
    const before = [...proxy.served];
    const client = new Client(proxy.url, secret);
    const { id } = await client.post<Job>('/v1/jobs', request, { 'x-client': '192.0.2.7' });
    await client.post<Job>(`/v1/jobs/${id}/cancel`, {}, { 'x-client': '192.0.2.8' });
    const ends: string[] = [];
    for await (const { body } of jobEvents(client, id))
      if (body.type === 'state') ends.push(body.state);

    expect(ends).toEqual(['queued', 'cancelled']);
    expect(proxy.served.every((count, index) => count > before[index]!)).toBe(true);
    const admin = new Client(second.url, (await first.token({ scopes: ['admin'] })).secret);
    const { entries } = await admin.get<AuditList>('/v1/audit');
    expect(entries.slice(0, 10).map(({ ip }) => ip)).toEqual(
      expect.arrayContaining(['192.0.2.7', '192.0.2.8']),
    );
  },
);
