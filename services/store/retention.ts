// SPDX-License-Identifier: GPL-2.0-or-later
import { addDueSeries } from './due-series.js';
import { exclusive } from './points.js';
import { countPoints } from './project-use.js';
import { removeEventsFiles } from './trace-retention.js';
import { transaction, type Store } from './store.js';

/** Most jobs removed in one transaction. */
const JOBS_AT_ONCE = 20;
/** Most points removed in one transaction. */
const POINTS_AT_ONCE = 10_000;
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

/** Columns that tell the series of a project apart. */
const SERIES = ['branch', 'workload', 'variant', 'metric'] as const;

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

/** SQL of points that may go. With its job still stored, a point would be added once more. */
const OLD_POINTS = `
  FROM history_point
  WHERE created_at < now() - $1::float8 * interval '1 day'
    AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = source_id)`;

/** Returns the projects whose histories have points to remove after these days. */
export async function projectsWithOldPoints(store: Store, days: number): Promise<string[]> {
  const { rows } = await store.pool.query<{ project: string }>(
    `SELECT DISTINCT project ${OLD_POINTS}`,
    [days],
  );
  return rows.map(({ project }) => project);
}

/**
 * Removes a project's points that were added more than these days ago and whose job is removed, with
 * the alerts that begin at them. The alerts of their series are due.
 * @returns Number of removed points.
 */
export async function removeOldPoints(
  store: Store,
  project: string,
  days: number,
): Promise<number> {
  const removeSome = () =>
    exclusive(store, project, async (client) => {
      const { rows } = await client.query<Record<(typeof SERIES)[number], string>>(
        `DELETE FROM history_point
         WHERE id IN (SELECT id ${OLD_POINTS} AND project = $2 ORDER BY id LIMIT $3)
         RETURNING ${SERIES.join(', ')}`,
        [days, project, POINTS_AT_ONCE],
      );
      await countPoints(client, project, -rows.length);
      await addDueSeries(
        client,
        'points',
        `SELECT DISTINCT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])`,
        [project, ...SERIES.map((column) => rows.map((row) => row[column]))],
      );
      return rows.length;
    });
  let removed = 0;
  for (let some = await removeSome(); some > 0; some = await removeSome()) removed += some;
  return removed;
}
