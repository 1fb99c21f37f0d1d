// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { HistoryPoint, SeriesKey, SeriesPoints } from '#contract/history.js';
import { transaction, type Store } from './store.js';

/** Points of a series that are read; a search for shifts looks at fewer. */
const MOST_POINTS = 10_000;

/** Returns the newest points of a series, at most `MOST_POINTS`, oldest first. */
export async function pointsOf(
  client: pg.Pool | pg.PoolClient,
  { project, branch, workload, variant, metric }: SeriesKey,
): Promise<HistoryPoint[]> {
  const { rows } = await client.query<Omit<HistoryPoint, 'at'> & { at: Date }>(
    `SELECT id::text, source, source_id AS "sourceId", commit, at, value, low, high,
       unit, direction, host_fingerprint AS "hostFingerprint"
     FROM history_point
     WHERE project = $1 AND branch = $2 AND workload = $3 AND variant = $4 AND metric = $5
     ORDER BY history_point.at DESC, history_point.id DESC
     LIMIT $6`,
    [project, branch, workload, variant, metric, MOST_POINTS],
  );
  return rows.reverse().map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Returns the numbers of a series as stored. Jobs that are not ingested yet are missing. */
export async function readPoints(store: Store, key: SeriesKey): Promise<SeriesPoints> {
  const points = await pointsOf(store.pool, key);
  const hosts = [...new Set(points.map(({ hostFingerprint }) => hostFingerprint))];
  return {
    ...key,
    ids: points.map(({ id }) => id),
    values: points.map(({ value }) => value),
    hosts,
    host: points.map(({ hostFingerprint }) => hosts.indexOf(hostFingerprint)),
  };
}

/** The newest work on each project's history, by the store's pool. */
const working = new WeakMap<pg.Pool, Map<string, Promise<unknown>>>();

/**
 * Runs work in a transaction that locks the project's history against concurrent changes. Works of
 * one process wait for each other here, since a wait for Postgres' lock would hold a connection.
 */
export async function exclusive<T>(
  store: Store,
  project: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const newest = working.get(store.pool) ?? new Map<string, Promise<unknown>>();
  working.set(store.pool, newest);
  const before = newest.get(project) ?? Promise.resolve();
  const turn = before
    .catch(() => undefined)
    .then(() =>
      transaction(store, async (client) => {
        await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7270))', [project]);
        return work(client);
      }),
    );
  newest.set(project, turn);
  try {
    return await turn;
  } finally {
    if (newest.get(project) === turn) newest.delete(project);
  }
}
