// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { ProjectUse } from '#contract/project-use.js';
import { quotaExceeded } from '#domain/access.js';
import { COUNTED_SQL } from './chunks.js';
import { transaction, type Store } from './store.js';

/** Estimated size of a job's event, and of a job's row without request and plan. */
const ROW_BYTES = 512;

/** SQL of what a job stores: its samples, log, request, plan and events. */
const JOB_BYTES = `(
  sample_bytes + log_bytes + pg_column_size(request) + pg_column_size(plan)
    + ${ROW_BYTES}::bigint * (last_sequence + 1))`;

/**
 * Counts what every project stores. Quotas compare with the last count, since adding up the jobs of
 * years would delay every request, and with the rows that were added since. Jobs of the last count
 * that still run may have grown meanwhile; their runs bound that.
 */
export async function countUse(store: Store): Promise<void> {
  await transaction(store, async (client) => {
    await client.query('LOCK TABLE project_use IN SHARE ROW EXCLUSIVE MODE');
    await client.query('DELETE FROM project_use');
    await client.query(
      `INSERT INTO project_use (
         project, jobs, result_bytes, imports, import_bytes, upload_bytes, workload_bytes,
         trace_bytes, points)
       SELECT project, sum(jobs), sum(results), sum(imports), sum(imported), sum(uploaded),
         sum(workloads), sum(traced), sum(points)
       FROM (
         SELECT project, 1 AS jobs, ${JOB_BYTES} AS results,
           0 AS imports, 0 AS imported, 0 AS uploaded, 0 AS workloads, 0 AS traced, 0 AS points
         FROM job
         UNION ALL
         SELECT project, 0, 0, 1, bytes, 0, 0, 0, 0 FROM import
         UNION ALL
         SELECT project, 0, 0, 0, 0, size_bytes, 0, 0, 0 FROM upload_project
         UNION ALL
         SELECT project, 0, 0, 0, 0, 0, ${COUNTED_SQL}, 0, 0 FROM chunk_project
         UNION ALL
         SELECT project, 0, 0, 0, 0, 0, 0, stored_bytes, 0
         FROM trace
         JOIN job ON job.id = job_id
         UNION ALL
         SELECT project, 0, 0, 0, 0, 0, 0, 0, points FROM history_use
       ) AS stored
       GROUP BY project`,
    );
  });
}

/** Returns what every project stored at the last count, by the project's name. */
export async function listUse(store: Store): Promise<Map<string, ProjectUse>> {
  const { rows } = await store.pool.query<
    Omit<ProjectUse, 'countedAt'> & { project: string; at: Date }
  >(
    `SELECT project, jobs, result_bytes::float8 AS "resultBytes",
       imports, import_bytes::float8 AS "importBytes", upload_bytes::float8 AS "uploadBytes",
       workload_bytes::float8 AS "workloadBytes", trace_bytes::float8 AS "traceBytes",
       points::float8, counted_at AS at
     FROM project_use`,
  );
  return new Map(
    rows.map(({ project, at, ...use }) => [project, { ...use, countedAt: at.toISOString() }]),
  );
}

const KINDS = {
  jobs: {
    table: 'job',
    column: 'result_bytes',
    rowBytes: JOB_BYTES,
    what: 'jobs',
    bytes: 'bytes of results',
  },
  imports: {
    table: 'import',
    column: 'import_bytes',
    rowBytes: 'bytes',
    what: 'imports',
    bytes: 'bytes of imports',
  },
} as const;

/**
 * Checks the quotas of one kind after a row was inserted: rows of the last 24 hours, and bytes.
 * The caller holds a lock that makes additions to the project wait for each other.
 * @throws {QUOTA_EXCEEDED} The project has more.
 */
export async function checkUse(
  client: pg.PoolClient,
  kind: keyof typeof KINDS,
  { project, perDay, bytes }: { project: string; perDay: number; bytes: number },
): Promise<void> {
  const { table, column, rowBytes, what, bytes: bytesOf } = KINDS[kind];
  const { rows } = await client.query<{ today: number; stored: number }>(
    `WITH counted AS (SELECT ${column} AS bytes, counted_at FROM project_use WHERE project = $1)
     SELECT
       (SELECT count(*)::int
        FROM ${table}
        WHERE project = $1 AND created_at > now() - interval '1 day') AS today,
       (coalesce((SELECT bytes FROM counted), 0)
         + (SELECT coalesce(sum(${rowBytes}), 0)
            FROM ${table}
            WHERE project = $1
              AND created_at > coalesce((SELECT counted_at FROM counted), '-infinity')
         ))::float8 AS stored`,
    [project],
  );
  const { today, stored } = rows[0]!;
  if (today > perDay) throw quotaExceeded(project, `${what} within 24 hours`, perDay, today);
  if (stored > bytes) throw quotaExceeded(project, bytesOf, bytes, stored);
}

/**
 * Adds to the number of points that the histories of a project have.
 * The caller holds the project's history exclusively.
 */
export async function countPoints(
  client: pg.PoolClient,
  project: string,
  added: number,
): Promise<void> {
  await client.query(
    `INSERT INTO history_use (project, points) VALUES ($1, $2)
     ON CONFLICT (project) DO UPDATE SET points = history_use.points + $2`,
    [project, added],
  );
}

/**
 * Checks the quota of points before some are added.
 * @throws {QUOTA_EXCEEDED} The histories of the project would have more points.
 */
export async function checkPoints(
  client: pg.PoolClient,
  project: string,
  { added, limit }: { added: number; limit: number },
): Promise<void> {
  const { rows } = await client.query<{ points: number }>(
    'SELECT points::float8 FROM history_use WHERE project = $1',
    [project],
  );
  const wanted = (rows[0]?.points ?? 0) + added;
  if (wanted > limit) throw quotaExceeded(project, 'points of histories', limit, wanted);
}
