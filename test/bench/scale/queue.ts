// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { onWake } from '#queue/queue.js';
import { claimNextJob } from '#store/claims.js';
import { advanceJob } from '#store/jobs.js';
import { reportWorker } from '#store/workers.js';
import { acceptJobs, forgetJobs } from './submissions.js';
import type { Stack } from './stack.js';

export interface QueueCost {
  readonly bareMsPerJob: number;
  readonly ourMsPerJob: number;
}

/**
 * Measures one worker whose jobs do nothing: bare BullMQ, and our queue, which claims in Postgres
 * and records the steps of each job.
 */
export async function queueCost(stack: Stack, jobs: number): Promise<QueueCost> {
  const bareMsPerJob = (await bare(stack.redisUrl, jobs)) / jobs;
  await forgetJobs(stack);
  await acceptJobs(stack, jobs);
  const ourMsPerJob = (await ours(stack, jobs)) / jobs;
  await forgetJobs(stack);
  return { bareMsPerJob, ourMsPerJob };
}

async function bare(redisUrl: string, jobs: number): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection });
  await queue.addBulk(
    Array.from({ length: jobs }, (_, index) => ({
      name: 'run',
      data: { index },
      opts: { removeOnComplete: true },
    })),
  );
  const startedMs = performance.now();
  const worker = new Worker('bare', async () => undefined, { connection, concurrency: 1 });
  await once(worker, 'drained');
  const tookMs = performance.now() - startedMs;
  await worker.close();
  await queue.close();
  connection.disconnect();
  return tookMs;
}

async function ours({ store, redisUrl }: Stack, jobs: number): Promise<number> {
  const name = 'bench-queue';
  await reportWorker(store, {
    id: name,
    version: 'bench',
    hostFingerprint: null,
    cpuset: '0',
    cores: 1,
    role: 'both',
    labels: [],
    engine: name,
    targets: ['x86_64-softmmu'],
    capabilities: [],
    knobs: [],
    jobId: null,
    startedAt: new Date(),
  });
  let left = jobs;
  const startedMs = performance.now();
  let resolve: () => void = () => undefined;
  const done = new Promise<void>((settle) => (resolve = settle));
  const consuming = await onWake(redisUrl, async () => {
    const job = await claimNextJob(store, name, name);
    if (job === null) return;
    await advanceJob(store, job.id, job.epoch, { type: 'built' });
    await advanceJob(store, job.id, job.epoch, { type: 'measured' });
    left -= 1;
    if (left === 0) resolve();
  });
  await done;
  await consuming.close();
  return performance.now() - startedMs;
}
