// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { QibenchError } from '#contract/error.js';
import type { JobEvent, JobEventBody } from '#contract/job-event.js';
import { JOB_CHANNEL, type Store } from './store.js';

/**
 * Appends an event to a job.
 *
 * @param epoch Appends only while the job has this epoch; null: always.
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function appendEvent(
  store: Store | { pool: pg.Pool | pg.PoolClient },
  jobId: string,
  epoch: number | null,
  body: JobEventBody,
): Promise<void> {
  await appendEvents(store, jobId, epoch, [body]);
}

/**
 * Appends several events to a job in this order, all or none, in one transaction.
 *
 * @throws {LEASE_LOST} The job has another epoch.
 */
export async function appendEvents(
  store: Store | { pool: pg.Pool | pg.PoolClient },
  jobId: string,
  epoch: number | null,
  bodies: readonly JobEventBody[],
): Promise<void> {
  const result = await store.pool.query(
    `WITH numbered AS (
       UPDATE job
       SET last_sequence = last_sequence + $4
       WHERE id = $1 AND ($2::int IS NULL OR epoch = $2)
       RETURNING id, last_sequence - $4 AS before
     ), appended AS (
       INSERT INTO job_event (job_id, sequence, body)
       SELECT id, before + place, body
       FROM numbered, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS given (body, place)
       RETURNING job_id
     )
     SELECT pg_notify('${JOB_CHANNEL}', job_id::text) FROM appended LIMIT 1`,
    [jobId, epoch, JSON.stringify(bodies), bodies.length],
  );
  if (result.rowCount === 0)
    throw new QibenchError('LEASE_LOST', { id: jobId, epoch: String(epoch) });
}

/** Returns the events after a sequence number, oldest first. */
export async function eventsAfter(
  store: Store,
  jobId: string,
  sequence: number,
  limit: number,
): Promise<JobEvent[]> {
  const rows = await store.prisma.jobEvent.findMany({
    where: { jobId, sequence: { gt: sequence } },
    orderBy: { sequence: 'asc' },
    take: limit,
  });
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at.toISOString(),
    body: row.body as JobEventBody,
  }));
}
