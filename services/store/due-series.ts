// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { SeriesKey } from '#contract/history.js';
import type { Store } from './store.js';

/** A series whose alerts are older than its points or marks. */
export interface DueSeries {
  readonly key: SeriesKey;
  /** Differs whenever the series has changed again. */
  readonly revision: string;
}

/**
 * Records that the alerts of series have to be updated.
 *
 * @param series Query that returns their keys, each once.
 * @param change `points`: an update that is running has missed them, so a series that is due
 *   already becomes due anew. `marks`: an update reads them last, under the project's lock.
 */
export async function addDueSeries(
  client: pg.PoolClient,
  change: 'points' | 'marks',
  series: string,
  values: unknown[],
): Promise<void> {
  await client.query(
    `INSERT INTO due_series (project, branch, workload, variant, metric)
     ${series}
     ON CONFLICT (project, branch, workload, variant, metric)
     ${change === 'points' ? 'DO UPDATE SET revision = excluded.revision' : 'DO NOTHING'}`,
    values,
  );
}

/** Returns series of a project whose alerts have to be updated, longest due first. */
export async function listDueSeries(
  store: Store,
  project: string,
  limit: number,
): Promise<DueSeries[]> {
  const { rows } = await store.pool.query<SeriesKey & { revision: string }>(
    `SELECT project, branch, workload, variant, metric, revision::text
     FROM due_series
     WHERE project = $1
     ORDER BY revision
     LIMIT $2`,
    [project, limit],
  );
  return rows.map(({ revision, ...key }) => ({ key, revision }));
}

/**
 * Records that the alerts of a series are up to date.
 *
 * @returns Whether they are: false if the series has changed since it was listed.
 */
export async function removeDueSeries(
  client: pg.PoolClient,
  { key: { project, branch, workload, variant, metric }, revision }: DueSeries,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `DELETE FROM due_series
     WHERE project = $1 AND branch = $2 AND workload = $3 AND variant = $4 AND metric = $5
       AND revision = $6`,
    [project, branch, workload, variant, metric, revision],
  );
  return rowCount === 1;
}

/** Returns the number of a project's series whose alerts have to be updated. */
export async function countDueSeries(store: Store, project: string): Promise<number> {
  const { rows } = await store.pool.query<{ series: number }>(
    'SELECT count(*)::int AS series FROM due_series WHERE project = $1',
    [project],
  );
  return rows[0]!.series;
}

/** Returns whether the alerts of a series have to be updated. */
export async function isDue(store: Store, key: SeriesKey): Promise<boolean> {
  const { project, branch, workload, variant, metric } = key;
  const { rows } = await store.pool.query(
    `SELECT 1 FROM due_series
     WHERE project = $1 AND branch = $2 AND workload = $3 AND variant = $4 AND metric = $5`,
    [project, branch, workload, variant, metric],
  );
  return rows.length > 0;
}
