// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

const QUERIES = {
  job: "SELECT request->>'project' AS project FROM job WHERE id = $1",
  trace: `
    SELECT request->>'project' AS project
    FROM trace
    JOIN job ON job.id = trace.job_id
    WHERE trace.id = $1`,
  alert: 'SELECT project FROM alert WHERE id = $1',
  mark: 'SELECT project FROM mark WHERE id = $1',
} as const;

export type Owned = keyof typeof QUERIES;

/**
 * Returns the project that owns a resource; null if the resource does not exist or has no project.
 */
export async function projectOf(store: Store, what: Owned, id: string): Promise<string | null> {
  const { rows } = await store.pool.query<{ project: string | null }>(QUERIES[what], [id]);
  return rows[0]?.project ?? null;
}

/** Filters job ids for jobs that belong to the project. */
export async function jobsOf(
  store: Store,
  project: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await store.pool.query<{ id: string }>(
    "SELECT id FROM job WHERE id = ANY($1::uuid[]) AND request->>'project' = $2",
    [ids, project],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Returns whether the project itself has uploaded this content. */
export async function hasUploaded(store: Store, project: string, digest: string): Promise<boolean> {
  const { rowCount } = await store.pool.query(
    'SELECT 1 FROM upload_project WHERE project = $1 AND digest = $2',
    [project, digest],
  );
  return rowCount !== 0;
}
