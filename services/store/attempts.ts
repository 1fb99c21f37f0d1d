// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

/** One claim of a job. */
export interface Attempt {
  readonly jobId: string;
  readonly epoch: number;
}

/**
 * Filters for attempts that have ended: the job has ended, is queued, or is leased under another
 * epoch. Jobs unknown to this database belong to another installation and are skipped.
 */
export async function endedAttempts(
  store: Store,
  attempts: readonly Attempt[],
): Promise<Attempt[]> {
  const { rows } = await store.pool.query<Attempt>(
    `SELECT attempt.job_id::text AS "jobId", attempt.epoch
     FROM unnest($1::uuid[], $2::int[]) AS attempt (job_id, epoch)
     JOIN job ON job.id = attempt.job_id
     WHERE job.state NOT IN ('building', 'measuring') OR job.epoch <> attempt.epoch`,
    [attempts.map(({ jobId }) => jobId), attempts.map(({ epoch }) => epoch)],
  );
  return rows;
}
