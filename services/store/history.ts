// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { HistoryPoint, SeriesKey } from '#contract/history.js';
import type { Import, ImportRequest, ImportedResult } from '#contract/import.js';
import type { ProjectQuota } from '#contract/project-use.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import { LEAST_POINTS } from '#domain/series.js';
import { addDueSeries } from './due-series.js';
import { exclusive } from './points.js';
import { checkPoints, checkUse, countPoints } from './project-use.js';
import type { Store } from './store.js';

/** A job or import that adds points to the history of a branch. */
export interface Source {
  readonly source: 'job' | 'import';
  readonly id: string;
  readonly project: string;
  readonly branch: string;
  readonly commit: string | null;
  readonly at: string;
}

/** A number that a job or import adds. */
export type NewPoint = Pick<
  HistoryPoint,
  'unit' | 'direction' | 'hostFingerprint' | 'value' | 'low' | 'high'
> &
  Pick<SeriesKey, 'workload' | 'variant' | 'metric'>;

/** The place of imported results in a history; the document itself is not needed any more. */
export type ImportTarget = Pick<
  ImportRequest,
  'format' | 'project' | 'branch' | 'commit' | 'committedAt' | 'variant' | 'host'
>;

/** Stored size of a point, with its part of the indexes. */
const POINT_BYTES = 512;

/**
 * Stores the results of an imported document and their points, in one transaction.
 *
 * @param quota Null: none.
 * @throws {QUOTA_EXCEEDED} The project has too many imports, bytes of them or points.
 */
export async function insertImport(
  store: Store,
  target: ImportTarget,
  results: readonly ImportedResult[],
  points: readonly NewPoint[],
  quota: ProjectQuota | null,
): Promise<Import> {
  const { format, project, branch, variant, host, commit = null } = target;
  const id = randomUUID();
  const at = new Date(target.committedAt ?? Date.now()).toISOString();
  const json = JSON.stringify(results);
  const bytes = Buffer.byteLength(json) + POINT_BYTES * points.length;
  await exclusive(store, project, async (client) => {
    await client.query(
      `INSERT INTO import (id, format, project, branch, commit, at, variant, host, results, bytes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [id, format, project, branch, commit, at, variant, host, json, bytes],
    );
    if (quota !== null) {
      await checkUse(client, 'imports', {
        project,
        perDay: quota.importsPerDay,
        bytes: quota.importBytes,
      });
      await checkPoints(client, project, { added: points.length, limit: quota.points });
    }
    await insertAll(client, [[{ source: 'import', id, project, branch, commit, at }, points]]);
  });
  return { id, format, project, branch, commit, at, results: [...results] };
}

/** A succeeded job that the history lacks. */
export interface JobRow {
  readonly id: string;
  readonly plan: unknown;
  readonly branch: string;
  readonly commit: string | null;
  readonly at: Date;
}

const JOBS_TO_INGEST = `
  FROM job
  WHERE state = 'succeeded'
    AND request->>'project' IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM history_point WHERE source_id = job.id)`;
const JOBS_OF_PROJECT = `${JOBS_TO_INGEST} AND request->>'project' = $1`;
const WAITING_JOBS = `
  SELECT id, plan,
    coalesce(request->>'branch', '${DEFAULT_BRANCH}') AS branch,
    request->>'commit' AS commit,
    coalesce((request->>'committedAt')::timestamptz, created_at) AS at
  ${JOBS_OF_PROJECT}
  ORDER BY created_at, id`;

/** Returns the projects with succeeded jobs that their histories do not contain yet. */
export async function projectsToIngest(store: Store): Promise<string[]> {
  const { rows } = await store.pool.query<{ project: string }>(
    `SELECT DISTINCT request->>'project' AS project ${JOBS_TO_INGEST}`,
  );
  return rows.map(({ project }) => project);
}

/** Returns whether a project has succeeded jobs that its history does not contain yet. */
export async function hasJobsToIngest(store: Store, project: string): Promise<boolean> {
  return (await store.pool.query(`SELECT 1 ${JOBS_OF_PROJECT} LIMIT 1`, [project])).rows.length > 0;
}

/** Returns the number of a project's succeeded jobs that its history does not contain yet. */
export async function countJobsToIngest(store: Store, project: string): Promise<number> {
  const { rows } = await store.pool.query<{ jobs: number }>(
    `SELECT count(*)::int AS jobs ${JOBS_TO_INGEST}`,
    [project],
  );
  return rows[0]!.jobs;
}

/** Returns the succeeded jobs of a project that its history does not contain yet, oldest first. */
export async function jobsToIngest(store: Store, project: string): Promise<JobRow[]> {
  return (await store.pool.query<JobRow>(WAITING_JOBS, [project])).rows;
}

/** Adds the points of several jobs in one transaction. Existing points stay unchanged. */
export async function addPoints(
  store: Store,
  project: string,
  batch: readonly (readonly [Source, readonly NewPoint[]])[],
): Promise<void> {
  await exclusive(store, project, (client) => insertAll(client, batch));
}

/** Inserts points; the alerts of every series that is long enough are due. */
async function insertAll(
  client: pg.PoolClient,
  batch: readonly (readonly [Source, readonly NewPoint[]])[],
): Promise<void> {
  for (const [source, points] of batch) await insertPoints(client, source, points);
  await addDueSeries(
    client,
    'points',
    `SELECT project, branch, workload, variant, metric
     FROM history_point
     WHERE (project, branch, workload, variant, metric) IN (
       SELECT project, branch, workload, variant, metric
       FROM history_point
       WHERE source_id = ANY($1))
     GROUP BY project, branch, workload, variant, metric
     HAVING count(*) >= $2`,
    [batch.map(([{ id }]) => id), LEAST_POINTS],
  );
}

async function insertPoints(
  client: pg.PoolClient,
  { source, id, project, branch, commit, at }: Source,
  points: readonly NewPoint[],
): Promise<void> {
  const column = (name: keyof NewPoint): unknown[] => points.map((point) => point[name]);
  const { rowCount } = await client.query(
    `INSERT INTO history_point (
       source, source_id, project, branch, commit, at,
       workload, variant, metric, unit, direction, host_fingerprint, value, low, high)
     SELECT $1, $2, $3, $4, $5, $6, *
     FROM unnest(
       $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
       $13::float8[], $14::float8[], $15::float8[])
     ON CONFLICT DO NOTHING`,
    [
      source,
      id,
      project,
      branch,
      commit,
      at,
      column('workload'),
      column('variant'),
      column('metric'),
      column('unit'),
      column('direction'),
      column('hostFingerprint'),
      column('value'),
      column('low'),
      column('high'),
    ],
  );
  await countPoints(client, project, rowCount ?? 0);
}
