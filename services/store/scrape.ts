// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Alarms } from '#domain/calibration.js';
import { IS_EVIDENCE } from './hosts.js';
import { transaction, type Store } from './store.js';

/**
 * Runs a read for a metrics scrape, on one connection. Postgres cancels statements that exceed the
 * limit.
 */
export function readBriefly<T>(
  store: Store,
  limitMs: number,
  read: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return transaction(store, async (client) => {
    await client.query(`SET LOCAL statement_timeout = ${Math.round(limitMs)}`);
    return read(client);
  });
}

export interface QueueDepth {
  readonly queued: number;
  readonly building: number;
  readonly measuring: number;
  /** Age of the oldest queued job; 0 without one. */
  readonly oldestQueuedSeconds: number;
}

export async function queueDepth(client: pg.PoolClient): Promise<QueueDepth> {
  const { rows } = await client.query<QueueDepth>(
    `SELECT count(*) FILTER (WHERE state = 'queued')::int AS queued,
       count(*) FILTER (WHERE state = 'building')::int AS building,
       count(*) FILTER (WHERE state = 'measuring')::int AS measuring,
       coalesce(
         extract(epoch FROM now() - min(created_at) FILTER (WHERE state = 'queued')),
         0
       )::float8 AS "oldestQueuedSeconds"
     FROM job
     WHERE state IN ('queued', 'building', 'measuring')`,
  );
  return rows[0]!;
}

/**
 * Returns the number and age of outbox rows that are due but not sent. Rows for a later time do not
 * count.
 */
export async function outboxLag(
  client: pg.PoolClient,
): Promise<{ rows: number; oldestSeconds: number }> {
  const { rows } = await client.query<{ rows: number; oldestSeconds: number }>(
    `SELECT count(*)::int AS rows,
       coalesce(
         extract(epoch FROM now() - min(greatest(outbox.created_at, not_before))),
         0
       )::float8 AS "oldestSeconds"
     FROM outbox
     JOIN job ON job.id = job_id
     WHERE sent_at IS NULL AND (not_before IS NULL OR not_before <= now())`,
  );
  return rows[0]!;
}

export async function countWorkers(
  client: pg.PoolClient,
): Promise<{ alive: number; lost: number }> {
  const { rows } = await client.query<{ alive: number; lost: number }>(
    `SELECT count(*) FILTER (WHERE seen_at >= now() - interval '1 minute')::int AS alive,
       count(*) FILTER (WHERE seen_at < now() - interval '1 minute')::int AS lost
     FROM worker
     WHERE seen_at > now() - interval '1 day'`,
  );
  return rows[0]!;
}

/**
 * Returns the number of A/A comparisons that count and of false alarms per host, for the most recently added
 * hosts.
 */
export async function alarmsOfHosts(
  client: pg.PoolClient,
  limit: number,
): Promise<({ host: string } & Alarms)[]> {
  const { rows } = await client.query<{ host: string } & Alarms>(
    `SELECT digest AS host,
       count(*)::int AS comparisons,
       count(*) FILTER (WHERE alarm)::int AS alarms
     FROM host JOIN same_comparison ON host_fingerprint = digest
     WHERE ${IS_EVIDENCE}
     GROUP BY digest, first_seen_at ORDER BY first_seen_at DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Returns the size in bytes of the database, and of the traces in it. */
export async function storedBytes(
  client: pg.PoolClient,
): Promise<{ database: number; traces: number }> {
  const { rows } = await client.query<{ database: number; traces: number }>(
    `SELECT pg_database_size(current_database())::float8 AS database,
       (SELECT coalesce(sum(stored_bytes), 0)::float8 FROM trace) AS traces`,
  );
  return rows[0]!;
}

/** Returns the numbers of queued and of leased jobs. */
export async function countJobs(store: Store): Promise<{ queued: number; running: number }> {
  const result = await store.pool.query<{ queued: number; running: number }>(
    `SELECT count(*) FILTER (WHERE state = 'queued')::int AS queued,
       count(*) FILTER (WHERE state IN ('building', 'measuring'))::int AS running
     FROM job
     WHERE state IN ('queued', 'building', 'measuring')`,
  );
  return result.rows[0]!;
}
