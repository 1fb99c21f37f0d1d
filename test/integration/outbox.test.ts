// SPDX-License-Identifier: GPL-2.0-or-later
import { acceptJob } from '#store/jobs.js';
import { OUTBOX_BATCH, takeOutbox, type OutboxRow } from '#store/outbox.js';
import { openStore, type Store } from '#store/store.js';
import { jobPlan } from '#support/job-plan.js';
import { jobRequest } from '#support/job-request.js';

let store: Store;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
});
beforeEach(() => store.pool.query('UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL'));
afterAll(() => store.close());

const plan = jobPlan({ variants: [], workloads: [] });

async function acceptJobs(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count)
    ids.push((await acceptJob(store, { request: jobRequest(), plan, requestDigest: 'd' })).job.id);
  return ids;
}

async function unsent(): Promise<number> {
  const { rows } = await store.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM outbox WHERE sent_at IS NULL',
  );
  return rows[0]!.count;
}

test('rows are relayed in batches, in the order in which jobs were accepted, each once', async () => {
  const accepted = await acceptJobs(OUTBOX_BATCH + 1);
  const batches: string[][] = [];

  await takeOutbox(store, async (rows) => void batches.push(rows.map(({ jobId }) => jobId)));

  expect(batches.map(({ length }) => length)).toEqual([OUTBOX_BATCH, 1]);
  expect(batches.flat()).toEqual(accepted);
  expect(await unsent()).toBe(0);
});

test('a batch whose relay failed is not marked, and is relayed again unchanged', async () => {
  const accepted = await acceptJobs(3);

  await expect(takeOutbox(store, () => Promise.reject(new Error('Redis is away')))).rejects.toThrow(
    'Redis is away',
  );
  expect(await unsent()).toBe(3);

  const again: OutboxRow[] = [];
  await takeOutbox(store, async (rows) => void again.push(...rows));
  expect(again.map(({ jobId }) => jobId)).toEqual(accepted);
});

test('two relays share the rows and relay each once', async () => {
  const accepted = await acceptJobs(2 * OUTBOX_BATCH);
  const taken: string[] = [];
  let begun = 0;
  let bothHold: () => void = () => undefined;
  const both = new Promise<void>((resolve) => (bothHold = resolve));
  const take = () =>
    takeOutbox(store, async (rows) => {
      taken.push(...rows.map(({ jobId }) => jobId));
      begun += 1;
      if (begun === 2) bothHold();
      await both;
    });

  await Promise.all([take(), take()]);

  expect(taken.sort()).toEqual(accepted.sort());
});
