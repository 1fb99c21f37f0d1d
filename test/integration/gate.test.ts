// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { registerGate } from '#api/auth/auth.js';
import { secretDigest, newSecret } from '#api/auth/secret.js';
import { ACCESS_SETTINGS, accessSettings } from '#api/settings.js';
import { readSettings } from '#contract/settings.js';
import { QibenchError, asQibenchError } from '#contract/error.js';
import { listSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { insertToken } from '#store/tokens.js';
import { bearer } from '#support/closed-api.js';
import { measuredJob } from '#support/measured-job.js';
import { newSampleOf } from '#support/sample.js';
import { storeEmptyTrace } from '#support/stored-trace.js';

// Tests the access checks before routes that answer like the service, with the data of all
// projects.

let store: Store;
const projects = [`p-${randomUUID()}`, `p-${randomUUID()}`] as const;
const jobs: string[] = [];
const traces: string[] = [];
const servers: FastifyInstance[] = [];
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  for (const project of projects) {
    const id = await measuredJob(store, [newSampleOf()], { project });
    jobs.push(id);
    const [sample] = await listSamples(store, id);
    traces.push(await storeEmptyTrace(store, { sampleId: sample!.id, jobId: id }));
  }
}, 60_000);
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => store.close());

/** Sends one request to such a service; it answers like over the network. */
async function gated(
  routes: Record<string, unknown>,
  settings: Record<string, string> = {},
): Promise<{
  ask(path: string, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
}> {
  const server = Fastify({ forceCloseConnections: true });
  servers.push(server);
  await registerGate(server, store, accessSettings(readSettings(ACCESS_SETTINGS, settings)));
  server.setErrorHandler((error, request, reply) => {
    const known: QibenchError = asQibenchError(error);
    request.refusal = known.code;
    return reply.status(known.http).send({ error: known.toBody() });
  });
  for (const [path, answer] of Object.entries(routes)) server.get(path, () => answer);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    async ask(path, headers = {}) {
      const response = await fetch(url + path, { headers });
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
    },
  };
}

async function token(project: string | null): Promise<Record<string, string>> {
  const secret = newSecret();
  await insertToken(store.pool, {
    name: 'gate',
    project,
    scopes: ['jobs:read'],
    expiresAt: null,
    kind: 'token',
    digest: secretDigest(secret),
  });
  return bearer(secret);
}

test('a token of one project sees its own part of service-wide lists', async () => {
  const [mine, theirs] = jobs as [string, string];
  const all = {
    '/v1/projects': {
      projects: projects.map((name) => ({ name, branches: [] })),
      withoutProject: { jobs: 1 },
    },
    '/v1/queue': {
      jobs: [
        { jobId: theirs, position: 1 },
        { jobId: mine, position: 2 },
      ],
    },
    '/v1/workers': {
      workers: [
        { id: 'a', job: { id: theirs, name: 'secret' } },
        { id: 'b', job: { id: mine, name: 'ours' } },
        { id: 'c', job: null },
      ],
    },
  };
  const server = await gated(all);
  const ask = async (path: string, headers: Record<string, string>) =>
    (await server.ask(path, headers)).body;

  const headers = await token(projects[0]);
  expect(await ask('/v1/projects', headers)).toEqual({
    projects: [{ name: projects[0], branches: [] }],
    withoutProject: null,
  });
  expect(await ask('/v1/queue', headers)).toEqual({ jobs: [{ jobId: mine, position: 2 }] });
  expect(await ask('/v1/workers', headers)).toEqual({
    workers: [
      { id: 'a', job: null },
      { id: 'b', job: { id: mine, name: 'ours' } },
      { id: 'c', job: null },
    ],
  });
  for (const [path, answer] of Object.entries(all))
    expect(await ask(path, await token(null))).toEqual(answer);
});

test('a resource named in a query must belong to the project too', async () => {
  const server = await gated({ '/v1/traces': 'traces', '/v1/traces/compare': 'compared' });
  const headers = await token(projects[0]);
  const statusOf = async (path: string) => (await server.ask(path, headers)).status;

  expect([
    await statusOf(`/v1/traces?jobId=${jobs[0]}`),
    await statusOf(`/v1/traces/compare?a=${traces[0]}&b=${traces[0]}`),
  ]).toEqual([200, 200]);
  for (const query of [`?jobId=${jobs[1]}`, `?jobId=${jobs[0]}&jobId=${jobs[1]}`, '?jobId=x', ''])
    expect([query, await statusOf(`/v1/traces${query}`)]).toEqual([query, 404]);
  for (const [a, b] of [
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const)
    expect(await statusOf(`/v1/traces/compare?a=${traces[a]}&b=${traces[b]}`)).toBe(404);
});

test('a badge needs read access to the job, unless the operator makes badges public', async () => {
  const path = '/v1/jobs/:id/badge.svg';
  const url = path.replace(':id', jobs[0]!);
  const [closed, open] = [
    await gated({ [path]: 'badge' }),
    await gated({ [path]: 'badge' }, { QIBENCH_PUBLIC_BADGES: '1' }),
  ];

  expect((await closed.ask(url)).status).toBe(401);
  expect((await closed.ask(url, await token(projects[0]))).status).toBe(200);
  expect((await closed.ask(url, await token(projects[1]))).status).toBe(404);
  expect((await open.ask(url)).status).toBe(200);
});
