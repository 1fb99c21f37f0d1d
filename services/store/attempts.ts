import type { Store } from './store.js';

/** One claim of a job. */
export interface Attempt {
  readonly jobId: string;
  readonly epoch: number;
}

/** Those of the attempts that are over: their job has ended, waits, or is held under another epoch. Jobs that are not in this database are somebody else's. */
export async function endedAttempts(
  store: Store,
  attempts: readonly Attempt[],
): Promise<Attempt[]> {
  const { rows } = await store.pool.query<Attempt>(
    `SELECT attempt.job_id::text AS "jobId", attempt.epoch FROM unnest($1::uuid[], $2::int[]) AS attempt (job_id, epoch) JOIN job ON job.id = attempt.job_id
     WHERE job.state NOT IN ('building', 'measuring') OR job.epoch <> attempt.epoch`,
    [attempts.map(({ jobId }) => jobId), attempts.map(({ epoch }) => epoch)],
  );
  return rows;
}
