// SPDX-License-Identifier: GPL-2.0-or-later
import { removeEventsFiles } from './trace-retention.js';
import { transaction, type Store } from './store.js';

/** Most jobs removed in one transaction. */
const JOBS_AT_ONCE = 20;
/**
 * Days by which uploads outlive the results of the last job that names them, and days for which an
 * upload waits for its first job.
 */
const UPLOAD_GRACE_DAYS = 30;
/** GitHub delivers again on request for 3 days; older deliveries are not sent a second time. */
const DELIVERY_GRACE_DAYS = 30;

/** Tables whose rows go with their job; traces go with their samples. */
const OF_JOB = [
  'sample',
  'profile',
  'machine_code',
  'job_log',
  'job_event',
  'build',
  'same_comparison',
  'outbox',
];

/** Returns the projects with jobs that ended more than these days ago; empty: without a project. */
export async function projectsWithOldJobs(store: Store, days: number): Promise<string[]> {
  const { rows } = await store.pool.query<{ project: string }>(
    `SELECT DISTINCT project FROM job WHERE finished_at < now() - $1::float8 * interval '1 day'`,
    [days],
  );
  return rows.map(({ project }) => project);
}

/**
 * Removes a project's jobs that ended more than these days ago, with samples, traces and logs.
 * Points in histories stay.
 * @returns Number of removed jobs.
 */
export async function removeOldJobs(store: Store, project: string, days: number): Promise<number> {
  const removeSome = () =>
    transaction(store, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT id
         FROM job
         WHERE project = $1 AND finished_at < now() - $2::float8 * interval '1 day'
         ORDER BY finished_at
         LIMIT $3
         FOR UPDATE SKIP LOCKED`,
        [project, days, JOBS_AT_ONCE],
      );
      const ids = rows.map(({ id }) => id);
      for (const table of OF_JOB)
        await client.query(`DELETE FROM ${table} WHERE job_id = ANY($1::uuid[])`, [ids]);
      await client.query('DELETE FROM job WHERE id = ANY($1::uuid[])', [ids]);
      if (ids.length > 0) await removeEventsFiles(client);
      return ids.length;
    });
  let removed = 0;
  for (let some = await removeSome(); some > 0; some = await removeSome()) removed += some;
  return removed;
}

/**
 * Removes imported documents of more than these days ago, whose points stay, uploads that no stored
 * job names, noise of guests that was not measured since, and webhook deliveries without a step
 * left.
 */
export async function removeOldFiles(
  store: Store,
  days: number,
): Promise<{ imports: number; uploads: number; deliveries: number }> {
  const remove = async (table: string, column: string, age: number, condition = 'true') =>
    (
      await store.pool.query(
        `DELETE FROM ${table}
         WHERE ${column} < now() - $1::float8 * interval '1 day' AND ${condition}`,
        [age],
      )
    ).rowCount ?? 0;
  await remove('guest_noise', 'measured_at', days);
  return {
    deliveries: await remove(
      'webhook_delivery',
      'at',
      days + DELIVERY_GRACE_DAYS,
      'due_at IS NULL',
    ),
    imports: await remove('import', 'created_at', days),
    uploads:
      (await remove('upload', 'used_at', days + UPLOAD_GRACE_DAYS)) +
      (await remove('upload', 'used_at', UPLOAD_GRACE_DAYS, 'NOT in_job')),
  };
}
