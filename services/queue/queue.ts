// SPDX-License-Identifier: GPL-2.0-or-later
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { QibenchError } from '#contract/error.js';

const QUEUE_NAME = 'qibench-jobs';
const CONNECT_LIMIT_MS = 2_000;
/** BullMQ would ask for the version by INFO, which a hosted Redis may not have. */
const BULL = { skipVersionCheck: true };
/** BullMQ's stream of events has no reader here; the default of 10,000 would fill Redis. */
const KEPT_EVENTS = 100;

/**
 * Wakes workers that wait for jobs. Postgres is the source of truth: losing the queue loses no job.
 */
export interface JobQueue {
  /** Enqueues all announcements or none. */
  wakeWorkers(
    announcements: readonly { readonly jobId: string; readonly id: string }[],
  ): Promise<void>;
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens the queue.
 *
 * @throws {BAD_SETTING} Redis does not answer, refuses the password, or may evict keys, which would
 *   silently drop announcements.
 */
export async function openQueue(redisUrl: string): Promise<JobQueue> {
  const redis = await connectRedis(redisUrl);
  const queue = new Queue<null>(QUEUE_NAME, {
    connection: redis,
    streams: { events: { maxLen: KEPT_EVENTS } },
    ...BULL,
  });
  queue.on('error', () => undefined);
  return {
    async wakeWorkers(announcements) {
      await queue.addBulk(
        announcements.map(({ jobId, id }) => ({
          name: 'wake',
          data: null,
          opts: {
            jobId: `job-${jobId}-${id}`,
            attempts: 1,
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
    },
    async healthy() {
      return redis.status === 'ready' && (await redis.ping()) === 'PONG';
    },
    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}

/**
 * Calls `wake` for one announcement at a time. `wake` claims the next job itself and never throws
 * for a job's failure.
 *
 * @throws {BAD_SETTING} Redis cannot be used, as for `openQueue`.
 */
export async function onWake(
  redisUrl: string,
  wake: () => Promise<void>,
): Promise<{ close(): Promise<void> }> {
  const redis = await connectRedis(redisUrl);
  const worker = new Worker<null>(QUEUE_NAME, () => wake(), {
    connection: redis,
    ...BULL,
    concurrency: 1,
    lockDuration: 60_000,
    stalledInterval: 30_000,
    maxStalledCount: 2,
  });
  worker.on('error', () => undefined);
  return {
    async close() {
      await worker.close();
      redis.disconnect();
    },
  };
}

/**
 * Connects for the first time. Later, the client reconnects by itself.
 *
 * @throws {BAD_SETTING} Redis refuses the connection, or does not answer within CONNECT_LIMIT_MS.
 *   The error has neither the URL nor the driver's error, since both may hold the password.
 */
async function connectRedis(redisUrl: string): Promise<Redis> {
  let last = 'no answer';
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    lazyConnect: true,
    // The check needs INFO. Commands to a Redis that still loads its data are sent again instead.
    enableReadyCheck: false,
    reconnectOnError: ({ message }) => {
      if (!message.startsWith('LOADING')) return false;
      last = `it still loads its data after ${CONNECT_LIMIT_MS / 1_000} s; start again later`;
      return 2;
    },
  });
  redis.on('error', (error: Error) => void (last = error.message || String(error)));
  const limit = AbortSignal.timeout(CONNECT_LIMIT_MS);
  const late = new Promise<never>((_, reject) =>
    limit.addEventListener('abort', () => reject(new Error(last)), { once: true }),
  );
  try {
    const policy = await Promise.race([redis.connect().then(() => evictionPolicy(redis)), late]);
    if (policy !== null && policy !== 'noeviction')
      throw new Error(`maxmemory-policy is ${policy}, must be noeviction`);
  } catch (error) {
    redis.disconnect();
    const reason = (error as Error).message;
    throw new QibenchError('BAD_SETTING', {
      setting: 'REDIS_URL',
      reason: `${placeOf(redisUrl)}: ${/^Connection is closed/.test(reason) ? last : reason}`,
    });
  }
  return redis;
}

/** Returns what Redis does when its memory is full; null where a hosted Redis does not tell. */
async function evictionPolicy(redis: Redis): Promise<string | null> {
  await redis.ping(); // a refused password fails here
  // The client ignores a refused number and would use database 0.
  const { db = 0 } = redis.options;
  if (db !== 0) await redis.select(db);
  const configured = (await redis.config('GET', 'maxmemory-policy').catch(() => [])) as string[];
  if (configured[1] !== undefined) return configured[1];
  const info = await redis.info('memory').catch(() => '');
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? null;
}

/** Returns host and port of a URL, or its socket, for an error. */
function placeOf(redisUrl: string): string {
  const { protocol, host, pathname } = new URL(redisUrl);
  return protocol === 'unix:' ? pathname : host;
}
