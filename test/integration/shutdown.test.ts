// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { requestCancel } from '#store/jobs.js';
import { openStore, type Store } from '#store/store.js';
import { acceptedJob } from '#support/fake-worker.js';

const EXIT_LIMIT_MS = 10_000;

let store: Store;
beforeAll(async () => void (store = await openStore(process.env.TEST_DATABASE_URL!)));
afterAll(() => store.close());

async function startedApi(): Promise<{ url: string; api: ChildProcess }> {
  const environment = {
    ...process.env,
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    REDIS_URL: process.env.TEST_REDIS_URL,
    QIBENCH_PORT: '0',
    QIBENCH_OPEN_ON_LOOPBACK: '1',
    QIBENCH_LOG_LEVEL: 'warn',
  };
  const api = spawn(process.execPath, ['dist/services/api/main.js'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(api.stdout, 'data')) as [Buffer];
  return { url: /http:\S+/.exec(line.toString())![0], api };
}

/** Starts a request that Postgres blocks until its release. */
async function heldRequest(url: string) {
  const client = await store.pool.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE trust IN ACCESS EXCLUSIVE MODE');
  const answer = fetch(`${url}/v1/trusts`);
  for (;;) {
    const { rows } = await store.pool.query(
      "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'trust'::regclass",
    );
    if (rows.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { answer, let: async () => client.query('ROLLBACK').finally(() => client.release()) };
}

test(
  'an API told to stop ends its event streams, completes running requests, accepts no new ' +
    'ones, and exits',
  async () => {
    const { url, api } = await startedApi();
    const { id } = await acceptedJob(store);
    const stream = (await fetch(`${url}/v1/jobs/${id}/events`)).body!.getReader();
    expect(Buffer.from((await stream.read()).value!).toString()).toContain('queued');
    const held = await heldRequest(url);

    const exited = once(api, 'exit');
    api.kill('SIGTERM');
    for (let read = await stream.read(); !read.done; read = await stream.read())
      expect(Buffer.from(read.value).toString()).not.toContain('cancelled');
    await expect(fetch(`${url}/v1/live`)).rejects.toThrow();
    await held.let();
    const answer = await held.answer;

    expect([answer.status, await answer.json()]).toEqual([
      200,
      { trusts: expect.any(Array) as unknown[] },
    ]);
    expect(await exited).toEqual([0, null]);
    await requestCancel(store, id);
  },
  60_000,
);

test('an API told to stop does not wait forever for running requests', async () => {
  const { url, api } = await startedApi();
  const held = await heldRequest(url);
  const cut = expect(held.answer).rejects.toThrow();

  const exited = once(api, 'exit');
  api.kill('SIGTERM');
  await cut;
  await held.let();

  const timer = setTimeout(() => api.kill('SIGKILL'), EXIT_LIMIT_MS);
  expect(await exited).toEqual([0, null]);
  clearTimeout(timer);
}, 60_000);
