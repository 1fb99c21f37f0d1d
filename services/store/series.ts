// SPDX-License-Identifier: GPL-2.0-or-later
import type { Series, SeriesList, SeriesQuery } from '#contract/history.js';
import type { Store } from './store.js';

/**
 * Returns the series of a project, or of one of its branches, that have points. The count reads
 * only the index of series; the newest point of each series is looked up in that index too.
 */
export async function listSeries(
  store: Store,
  { project, branch }: SeriesQuery,
): Promise<SeriesList> {
  const { rows } = await store.pool.query<Omit<Series, 'lastAt'> & { lastAt: Date }>(
    `SELECT $1 AS project, branch, workload, variant, metric,
       newest.unit, newest.direction, points, "lastAt"
     FROM (
       SELECT branch, workload, variant, metric, count(*)::int AS points, max(at) AS "lastAt"
       FROM history_point
       WHERE project = $1 AND ($2::text IS NULL OR branch = $2)
       GROUP BY branch, workload, variant, metric
     ) AS series
     CROSS JOIN LATERAL (
       SELECT unit, direction
       FROM history_point AS point
       WHERE point.project = $1
         AND point.branch = series.branch
         AND point.workload = series.workload
         AND point.variant = series.variant
         AND point.metric = series.metric
       ORDER BY at DESC, id DESC
       LIMIT 1
     ) AS newest
     ORDER BY branch, workload, variant, metric`,
    [project, branch ?? null],
  );
  return { series: rows.map((row) => ({ ...row, lastAt: row.lastAt.toISOString() })) };
}
