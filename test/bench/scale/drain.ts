// SPDX-License-Identifier: GPL-2.0-or-later
import { acceptJobs, forgetJobs } from './submissions.js';
import type { Stack } from './stack.js';

export interface Drained {
  readonly workers: number;
  readonly jobs: number;
  readonly seconds: number;
  readonly jobsPerSecond: number;
  readonly workerPeakBytes: number;
}

/**
 * Runs queued jobs from claim to end on a fake engine: each number of worker processes gets an
 * equal part of one queue, and the workers of one part get a signal to stop when the next begins.
 * All jobs must succeed, with every sample once. A job that a stopping worker gives back may be
 * claimed twice; no other job may.
 */
export async function drain(
  stack: Stack,
  jobs: number,
  workerNumbers: readonly number[],
): Promise<Drained[]> {
  await forgetJobs(stack);
  await acceptJobs(stack, jobs);
  const drained: Drained[] = [];
  for (const [index, workers] of workerNumbers.entries()) {
    const before = await countLeft(stack);
    const { seconds, left, peaks } = await finishJobs(
      stack,
      workers,
      Math.round(jobs * (1 - (index + 1) / workerNumbers.length)),
    );
    drained.push({
      workers,
      jobs: before - left,
      seconds,
      jobsPerSecond: (before - left) / seconds,
      workerPeakBytes: Math.max(...peaks),
    });
  }
  await check(
    stack,
    jobs,
    workerNumbers.slice(0, -1).reduce((sum, workers) => sum + workers, 0),
  );
  return drained;
}

/**
 * Waits until at most this number of jobs wait or run. Returns the duration, the number of
 * remaining jobs, and each worker's peak memory in bytes.
 */
export async function finishJobs(
  stack: Stack,
  workers: number,
  most = 0,
): Promise<{ seconds: number; left: number; peaks: number[] }> {
  const running = await Promise.all(
    Array.from({ length: workers }, (_, index) => stack.startWorker(`bench-${index + 1}`)),
  );
  const startedMs = performance.now();
  let left = Infinity;
  while ((left = await countLeft(stack)) > most)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const seconds = (performance.now() - startedMs) / 1000;
  for (const worker of running) await worker.stop();
  return {
    seconds,
    left,
    peaks: running.map(
      ({ lines }) => Number(lines.find((line) => line.startsWith('peak '))!.slice(5)) * 1024,
    ),
  };
}

async function countLeft({ store }: Stack): Promise<number> {
  return (
    await store.pool.query<{ left: number }>(
      "SELECT count(*)::int AS left FROM job WHERE state IN ('queued', 'building', 'measuring')",
    )
  ).rows[0]!.left;
}

async function check({ store }: Stack, jobs: number, givenBack: number): Promise<void> {
  const { rows } = await store.pool.query<{
    well: number;
    again: number;
    all: number;
    samples: number;
    double: number;
  }>(
    `SELECT count(*) FILTER (WHERE state = 'succeeded')::int AS well,
       count(*) FILTER (WHERE epoch > 1)::int AS again,
       count(*)::int AS all,
       (SELECT count(*)::int FROM sample) AS samples,
       (SELECT count(*)::int FROM (
         SELECT FROM sample
         GROUP BY job_id, kind, block, side, variant, workload
         HAVING count(*) > 1
       ) AS twice) AS double
     FROM job`,
  );
  const { well, again, all, samples, double } = rows[0]!;
  if (well !== jobs || again > givenBack || all !== jobs || samples !== jobs * 7 || double > 0)
    throw new Error(
      `of ${jobs} jobs ${all} are there, ${well} succeeded and ${again} were claimed again, ` +
        `with ${samples} samples, ${double} of them twice`,
    );
}
