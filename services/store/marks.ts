// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Mark, MarkRequest } from '#contract/history.js';
import { addDueSeries } from './due-series.js';
import { exclusive } from './points.js';
import type { Store } from './store.js';

/**
 * Stores a mark, which explains a known shift. The branch's series with open alerts are due: alerts
 * at the mark become acknowledged with its reason.
 */
export async function addMark(
  store: Store,
  { project, branch, commit, at, reason }: MarkRequest,
): Promise<Mark> {
  return exclusive(store, project, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO mark (project, branch, commit, at, reason)
       VALUES ($1, $2, $3, $4, $5)
       RETURNING id::text`,
      [project, branch, commit ?? null, at ?? null, reason],
    );
    await addDueSeries(
      client,
      'marks',
      `SELECT DISTINCT project, branch, workload, variant, metric
       FROM alert
       WHERE project = $1 AND branch = $2 AND state = 'open'`,
      [project, branch],
    );
    return (await marksOf(client, project, branch)).find(({ id }) => id === rows[0]!.id)!;
  });
}

/** Returns the marks of a branch, oldest first. */
export async function marksOf(
  client: pg.Pool | pg.PoolClient,
  project: string,
  branch: string,
): Promise<Mark[]> {
  const { rows } = await client.query<
    Omit<Mark, 'at' | 'createdAt'> & { at: Date | null; createdAt: Date }
  >(
    `SELECT id::text, project, branch, commit, at, reason, created_at AS "createdAt"
     FROM mark
     WHERE project = $1 AND branch = $2
     ORDER BY id`,
    [project, branch],
  );
  return rows.map((row) => ({
    ...row,
    at: row.at?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }));
}
