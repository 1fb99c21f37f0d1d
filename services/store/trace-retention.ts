// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { fairShare } from '#domain/fair-share.js';
import { transaction, type Store } from './store.js';

/** Limits on stored traces; 0 means unlimited. */
export interface TraceLimits {
  /** Days after which records are removed; a job may set a shorter time. */
  readonly days: number;
  /** Bytes of all traces. Beyond it, only projects above their fair share of it lose records. */
  readonly totalBytes: number;
  /** Bytes of the traces of one project; jobs without a project count as one. */
  readonly projectBytes: number;
}

/** Ids of traces that have lost something. */
export interface ExpiredTraces {
  /** Their records were too old. */
  readonly old: string[];
  /** Their project exceeded its share: they lost their records. */
  readonly overShare: string[];
  /** Their project exceeded its share without any records: they lost histogram and statistics. */
  readonly summaries: string[];
}

/** An arbitrary number, for a lock of Postgres. */
const LOCK = 7273;

/**
 * Adds up the stored bytes within each project: summaries of traces without records first, then
 * traces with records, the newest first. Within a share, summaries thus outlive records.
 */
const WALK = `
  SELECT trace.id, expired_at IS NOT NULL AS expired,
    trace.created_at < now()
      - least(nullif($1::float8, 0), (job.request->>'traceDays')::float8) * interval '1 day' AS old,
    sum(stored_bytes) OVER (
      PARTITION BY job.project
      ORDER BY expired_at IS NULL, trace.id DESC
    ) AS bytes
  FROM trace
  JOIN job ON job.id = trace.job_id
  WHERE stored_bytes > 0`;

/**
 * Removes records that are too old, and the oldest records of every project that exceeds its share.
 * The traces stay, with `expiredAt` and their counts; histogram and statistics also stay while they
 * fit into the share. No project loses records within its share.
 */
export async function expireTraces(store: Store, limits: TraceLimits): Promise<ExpiredTraces> {
  return transaction(store, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const { share } = await traceShares(client, limits);
    const { rows } = await client.query<{ id: string; expired: boolean; over: boolean }>(
      `SELECT id, expired, bytes > $2::float8 AS over
       FROM (${WALK}) AS walk
       WHERE bytes > $2::float8 OR (old AND NOT expired)`,
      [limits.days, share],
    );
    const ids = (wanted: (row: (typeof rows)[number]) => boolean) =>
      rows.filter(wanted).map(({ id }) => id);
    const expired = {
      old: ids((row) => !row.expired && !row.over),
      overShare: ids((row) => !row.expired && row.over),
      summaries: ids((row) => row.expired),
    };
    await removeRecords(client, [...expired.old, ...expired.overShare]);
    await removeSummaries(client, expired.summaries);
    return expired;
  });
}

/**
 * Returns the stored bytes of each project's traces, largest first, and the most that a project may
 * have now.
 *
 * @returns `share` is Infinity without a limit.
 */
export async function traceShares(
  client: pg.PoolClient,
  { totalBytes, projectBytes }: Pick<TraceLimits, 'totalBytes' | 'projectBytes'>,
): Promise<{ share: number; projects: { project: string; bytes: number }[] }> {
  const { rows } = await client.query<{ project: string; bytes: number }>(
    `SELECT job.project, sum(stored_bytes)::float8 AS bytes
     FROM trace
     JOIN job ON job.id = trace.job_id
     WHERE stored_bytes > 0
     GROUP BY job.project
     ORDER BY bytes DESC, job.project`,
  );
  const quota = projectBytes === 0 ? Infinity : projectBytes;
  const held = rows.map(({ bytes }) => Math.min(bytes, quota));
  const fair = totalBytes === 0 ? Infinity : fairShare(held, totalBytes);
  return { share: Math.min(quota, fair), projects: rows };
}

async function removeRecords(client: pg.PoolClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `UPDATE trace
     SET expired_at = now(), stored_bytes = summary_bytes, tail = ''
     WHERE id = ANY($1::bigint[])`,
    [ids],
  );
  await client.query('DELETE FROM trace_chunk WHERE trace_id = ANY($1::bigint[])', [ids]);
}

async function removeSummaries(client: pg.PoolClient, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `UPDATE trace
     SET stored_bytes = 0, summary_bytes = 0, events_digest = NULL
     WHERE id = ANY($1::bigint[])`,
    [ids],
  );
  for (const table of ['trace_histogram', 'trace_event'])
    await client.query(`DELETE FROM ${table} WHERE trace_id = ANY($1::bigint[])`, [ids]);
  await removeEventsFiles(client);
}

/** Removes the event lists of builds that no trace needs. */
export async function removeEventsFiles(client: pg.PoolClient): Promise<void> {
  await client.query(
    `DELETE FROM trace_events_file AS file
     WHERE NOT EXISTS (SELECT 1 FROM trace WHERE events_digest = file.digest)`,
  );
}
