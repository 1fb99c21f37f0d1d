import type { Store } from './store.js';

const QUERIES = {
  job: "SELECT request->>'project' AS project FROM job WHERE id = $1",
  trace:
    "SELECT request->>'project' AS project FROM trace JOIN job ON job.id = trace.job_id WHERE trace.id = $1",
  alert: 'SELECT project FROM alert WHERE id = $1',
} as const;

export type Owned = keyof typeof QUERIES;

/** The project that something is of; null if it is of none, or is not there. */
export async function projectOf(store: Store, what: Owned, id: string): Promise<string | null> {
  const { rows } = await store.pool.query<{ project: string | null }>(QUERIES[what], [id]);
  return rows[0]?.project ?? null;
}

/** Which of these jobs are of the project. */
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

/** Whether the project has uploaded this itself. */
export async function hasUploaded(store: Store, project: string, digest: string): Promise<boolean> {
  const { rowCount } = await store.pool.query(
    'SELECT 1 FROM upload_project WHERE project = $1 AND digest = $2',
    [project, digest],
  );
  return rowCount !== 0;
}
