// SPDX-License-Identifier: GPL-2.0-or-later
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { QibenchError } from '#contract/error.js';

const QUEUE_NAME = 'qibench-jobs';

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
 * @throws {UNAVAILABLE} Redis may evict keys, which would silently drop announcements.
 */
export async function openQueue(redisUrl: string): Promise<JobQueue> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const policy = (await redis.config('GET', 'maxmemory-policy')) as string[];
  if (policy[1] !== 'noeviction') {
    redis.disconnect();
    throw new QibenchError('UNAVAILABLE', {
      what: 'Redis',
      reason: `maxmemory-policy is ${policy[1]}, must be noeviction`,
    });
  }
  const queue = new Queue<null>(QUEUE_NAME, { connection: redis });
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
 */
export function onWake(redisUrl: string, wake: () => Promise<void>): { close(): Promise<void> } {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const worker = new Worker<null>(QUEUE_NAME, () => wake(), {
    connection: redis,
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
