// SPDX-License-Identifier: GPL-2.0-or-later
import autocannon from 'autocannon';
import { jobRequest } from '#support/job-request.js';
import type { Stack } from './stack.js';

export interface Submissions {
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly accepted: number;
}

/**
 * Submits jobs over several connections, each sending its next request after an answer. Checks that
 * every job answered with 202 is in the database.
 */
export async function submit(
  { url, store }: Stack,
  connections: number,
  seconds: number,
): Promise<Submissions> {
  const before = await countJobs(store);
  const result = await autocannon({
    url: `${url}/v1/jobs`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(jobRequest({ name: 'bench' })),
    connections,
    duration: seconds,
  });
  const accepted = result['2xx'];
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} submissions were refused, ${result.errors} failed`);
  const recorded = (await settledJobs(store)) - before;
  // A request in flight at the end of the load may be recorded without an answer, one per
  // connection.
  if (recorded < accepted || recorded > accepted + connections)
    throw new Error(`${accepted} submissions were accepted, ${recorded} recorded`);
  return {
    connections,
    perSecond: accepted / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    accepted,
  };
}

/** Waits until the number of jobs is stable: the load ends in the middle of requests. */
async function settledJobs(store: Stack['store']): Promise<number> {
  for (let last = -1; ;) {
    const count = await countJobs(store);
    if (count === last) return count;
    last = count;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function countJobs(store: Stack['store']): Promise<number> {
  return (await store.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM job'))
    .rows[0]!.count;
}

/** Inserts waiting jobs through the API's own path, all announced. */
export async function acceptJobs(
  { url, store }: Stack,
  count: number,
  request = jobRequest({ name: 'bench' }),
): Promise<void> {
  const body = JSON.stringify(request);
  let left = count;
  const connection = async () => {
    while (left-- > 0) {
      const answer = await fetch(`${url}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (answer.status !== 202) throw new Error(`a submission was answered with ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 16 }, connection));
  while (
    (await store.pool.query('SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1')).rows.length > 0
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Deletes all jobs and their remains in Redis. */
export async function forgetJobs({ store, redisUrl }: Stack): Promise<void> {
  await store.pool.query('TRUNCATE job, outbox, job_event, job_log, build, sample CASCADE');
  const { Redis } = await import('ioredis');
  const redis = new Redis(redisUrl);
  await redis.flushall();
  redis.disconnect();
}
