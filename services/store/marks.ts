// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { QibenchError } from '#contract/error.js';
import type { Mark, MarkRequest } from '#contract/history.js';
import type { ProjectQuota } from '#contract/project-use.js';
import { quotaExceeded } from '#domain/access.js';
import { addDueSeries } from './due-series.js';
import { exclusive } from './points.js';
import type { Store } from './store.js';

type MarkRow = Omit<Mark, 'at' | 'createdAt'> & { at: Date | null; createdAt: Date };
const COLUMNS = 'id::text, project, branch, commit, at, reason, created_at AS "createdAt"';

/**
 * Stores a mark, which explains a known shift. The branch's series with open alerts are due: alerts
 * at the mark become acknowledged with its reason.
 *
 * @param quota Null: none.
 * @throws {QUOTA_EXCEEDED} The project has too many marks.
 */
export async function addMark(
  store: Store,
  { project, branch, commit, at, reason }: MarkRequest,
  quota: ProjectQuota | null = null,
): Promise<Mark> {
  return exclusive(store, project, async (client) => {
    if (quota !== null) await checkMarks(client, project, quota.marks);
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

/** @throws {QUOTA_EXCEEDED} One more mark would be too many. */
async function checkMarks(client: pg.PoolClient, project: string, limit: number): Promise<void> {
  const { rows } = await client.query<{ wanted: number }>(
    'SELECT count(*)::int + 1 AS wanted FROM mark WHERE project = $1',
    [project],
  );
  const { wanted } = rows[0]!;
  if (wanted > limit) throw quotaExceeded(project, 'marks', limit, wanted);
}

/**
 * Returns the number of points at a mark, over all series of its branch. Zero points to a mistyped
 * commit, or to one that is measured later.
 */
export async function pointsAt(
  store: Store,
  { project, branch, commit, at }: Mark,
): Promise<number> {
  const { rows } = await store.pool.query<{ points: number }>(
    `SELECT count(*)::int AS points
     FROM history_point
     WHERE project = $1 AND branch = $2 AND (commit = $3 OR at = $4)`,
    [project, branch, commit, at],
  );
  return rows[0]!.points;
}

/**
 * Removes a mark. Alerts that it acknowledged keep their state and reason.
 * @throws {NOT_FOUND} The mark does not exist.
 */
export async function removeMark(store: Store, id: string): Promise<Mark> {
  const { rows } = await store.pool.query<MarkRow>(
    `DELETE FROM mark WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  if (rows[0] === undefined) throw new QibenchError('NOT_FOUND', { what: 'mark', id });
  return toMark(rows[0]);
}

/** Returns the marks of a branch, oldest first. */
export async function marksOf(
  client: pg.Pool | pg.PoolClient,
  project: string,
  branch: string,
): Promise<Mark[]> {
  const { rows } = await client.query<MarkRow>(
    `SELECT ${COLUMNS}
     FROM mark
     WHERE project = $1 AND branch = $2
     ORDER BY id`,
    [project, branch],
  );
  return rows.map(toMark);
}

const toMark = (row: MarkRow): Mark => ({
  ...row,
  at: row.at?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
