import { acceptJobs, forgetJobs } from './submissions.js';
import type { Stack } from './stack.js';

export interface Drained {
  readonly workers: number;
  readonly seconds: number;
  readonly jobsPerSecond: number;
  readonly workerPeakBytes: number;
}

/** Queued jobs, done from claim to end by so many worker processes on a fake engine. Every job must succeed at its first claim, with every sample once. */
export async function drain(stack: Stack, jobs: number, workers: number): Promise<Drained> {
  await forgetJobs(stack);
  await acceptJobs(stack, jobs);
  const { seconds, peaks } = await finishJobs(stack, workers);
  await check(stack, jobs);
  return { workers, seconds, jobsPerSecond: jobs / seconds, workerPeakBytes: Math.max(...peaks) };
}

/** Until no job waits or runs. Returns how long that took, and the peak of memory of each worker in bytes. */
export async function finishJobs(stack: Stack, workers: number): Promise<{ seconds: number; peaks: number[] }> {
  const running = await Promise.all(Array.from({ length: workers }, (_, index) => stack.startWorker(`bench-${index + 1}`)));
  const startedMs = performance.now();
  while ((await stack.store.pool.query("SELECT 1 FROM job WHERE state IN ('queued', 'building', 'measuring') LIMIT 1")).rows.length > 0) await new Promise((resolve) => setTimeout(resolve, 200));
  const seconds = (performance.now() - startedMs) / 1000;
  for (const worker of running) await worker.stop();
  return { seconds, peaks: running.map(({ lines }) => Number(lines.find((line) => line.startsWith('peak '))!.slice(5)) * 1024) };
}

async function check({ store }: Stack, jobs: number): Promise<void> {
  const { rows } = await store.pool.query<{ well: number; all: number; samples: number; double: number }>(
    `SELECT count(*) FILTER (WHERE state = 'succeeded' AND epoch = 1)::int AS well, count(*)::int AS all,
       (SELECT count(*)::int FROM sample) AS samples,
       (SELECT count(*)::int FROM (SELECT FROM sample GROUP BY job_id, kind, block, side, variant, workload HAVING count(*) > 1) AS twice) AS double
     FROM job`,
  );
  const { well, all, samples, double } = rows[0]!;
  if (well !== jobs || all !== jobs || samples !== jobs * 7 || double > 0) throw new Error(`of ${jobs} jobs ${all} are there and ${well} went well at once, with ${samples} samples, ${double} of them twice`);
}
