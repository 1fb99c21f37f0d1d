import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { QibenchError, type ErrorBody } from '../contract/error.js';
import { ENDED_STATES, type Job, type JobList, type JobPlan, type JobRequest, type JobState } from '../contract/job.js';
import { appendEvent } from './events.js';
import { OUTBOX_CHANNEL, type Store } from './store.js';
import type { Job as Row } from './generated/client.js';

/** A worker that has not renewed its lease for this long is lost. */
export const LEASE_SECONDS = 60;

/** Accept a job: job, first event and outbox row in one transaction. The same key and request again is the same job. Errors: IDEMPOTENCY_CONFLICT. */
export async function acceptJob(
  store: Store,
  input: { request: JobRequest; plan: JobPlan; requestDigest: string; idempotencyKey?: string },
): Promise<{ job: Job; created: boolean }> {
  const id = randomUUID();
  const created = await transaction(store, async (client) => {
    const inserted = await client.query(
      `INSERT INTO job (id, name, state, request, plan, idempotency_key, request_digest) VALUES ($1, $2, 'queued', $3, $4, $5, $6)
       ON CONFLICT (idempotency_key) DO NOTHING`,
      [id, input.request.name, JSON.stringify(input.request), JSON.stringify(input.plan), input.idempotencyKey ?? null, input.requestDigest],
    );
    if (inserted.rowCount === 0) return false;
    await appendEvent({ pool: client }, id, null, { type: 'state', state: 'queued', error: null });
    await enqueue(client, id);
    return true;
  });
  if (created) return { job: (await getJob(store, id))!, created };
  const row = await store.prisma.job.findUniqueOrThrow({ where: { idempotencyKey: input.idempotencyKey! } });
  if (row.requestDigest !== input.requestDigest) throw new QibenchError('IDEMPOTENCY_CONFLICT', { key: input.idempotencyKey! });
  return { job: toJob(row), created: false };
}

export async function getJob(store: Store, id: string): Promise<Job | null> {
  const row = await store.prisma.job.findUnique({ where: { id } });
  return row === null ? null : toJob(row);
}

/** Newest first; `after` is the id that a page ended with. */
export async function listJobs(store: Store, query: { state?: JobState; limit: number; after?: string }): Promise<JobList> {
  const rows = await store.prisma.job.findMany({
    where: query.state === undefined ? {} : { state: query.state },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
    ...(query.after === undefined ? {} : { cursor: { id: query.after }, skip: 1 }),
  });
  const page = rows.slice(0, query.limit);
  return { jobs: page.map(toJob), next: rows.length > query.limit ? page.at(-1)!.id : null };
}

/** Cancel: a queued job ends at once, a held one when its worker sees the request. Errors: NOT_FOUND, JOB_ENDED. */
export async function requestCancel(store: Store, id: string): Promise<Job> {
  await transaction(store, async (client) => {
    const found = await client.query<{ state: JobState }>('SELECT state FROM job WHERE id = $1 FOR UPDATE', [id]);
    const state = found.rows[0]?.state;
    if (state === undefined) throw new QibenchError('NOT_FOUND', { what: 'job', id });
    if (ENDED_STATES.includes(state)) throw new QibenchError('JOB_ENDED', { id, state });
    if (state === 'queued') {
      await client.query("UPDATE job SET state = 'cancelled', cancel_requested = true, finished_at = now() WHERE id = $1", [id]);
      await appendEvent({ pool: client }, id, null, { type: 'state', state: 'cancelled', error: null });
    } else {
      await client.query('UPDATE job SET cancel_requested = true WHERE id = $1', [id]);
    }
  });
  return (await getJob(store, id))!;
}

/** Take a queued job: raises its epoch and starts a lease. Null if it is not to be had. */
export async function claimJob(store: Store, id: string, worker: string): Promise<Job | null> {
  const claimed = await transaction(store, async (client) => {
    const result = await client.query<{ epoch: number }>(
      `UPDATE job SET state = 'building', epoch = epoch + 1, worker = $2, lease_until = now() + make_interval(secs => $3), started_at = coalesce(started_at, now())
       WHERE id = $1 AND state = 'queued' AND (not_before IS NULL OR not_before <= now()) RETURNING epoch`,
      [id, worker, LEASE_SECONDS],
    );
    if (result.rowCount === 0) return false;
    await appendEvent({ pool: client }, id, result.rows[0]!.epoch, { type: 'state', state: 'building', error: null });
    return true;
  });
  return claimed ? getJob(store, id) : null;
}

/** Extend the lease of a held job. */
export async function renewLease(store: Store, id: string, epoch: number): Promise<{ held: boolean; cancelRequested: boolean }> {
  const result = await store.pool.query<{ cancel_requested: boolean }>(
    `UPDATE job SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND epoch = $2 AND state IN ('building', 'measuring') RETURNING cancel_requested`,
    [id, epoch, LEASE_SECONDS],
  );
  return { held: result.rowCount !== 0, cancelRequested: result.rows[0]?.cancel_requested ?? false };
}

/** Move a held job to another state. Errors: LEASE_LOST. */
export async function setJobState(store: Store, id: string, epoch: number, state: JobState, error: ErrorBody | null = null): Promise<void> {
  await transaction(store, async (client) => {
    const ended = ENDED_STATES.includes(state);
    const result = await client.query(
      `UPDATE job SET state = $3, error = $4::jsonb, finished_at = CASE WHEN $5 THEN now() END, lease_until = CASE WHEN $5 THEN NULL ELSE lease_until END
       WHERE id = $1 AND epoch = $2 AND state IN ('building', 'measuring')`,
      [id, epoch, state, error === null ? null : JSON.stringify(error), ended],
    );
    if (result.rowCount === 0) throw new QibenchError('LEASE_LOST', { id, epoch });
    await appendEvent({ pool: client }, id, epoch, { type: 'state', state, error });
  });
}

export async function setBlocksDone(store: Store, id: string, epoch: number, blocks: number): Promise<void> {
  const result = await store.pool.query('UPDATE job SET blocks_done = greatest(blocks_done, $3) WHERE id = $1 AND epoch = $2', [id, epoch, blocks]);
  if (result.rowCount === 0) throw new QibenchError('LEASE_LOST', { id, epoch });
}

/** Give a held job back to the queue, to be claimed after a delay. */
export async function releaseJob(store: Store, id: string, epoch: number, delaySeconds: number): Promise<void> {
  await transaction(store, async (client) => {
    const result = await client.query(
      `UPDATE job SET state = 'queued', worker = NULL, lease_until = NULL, not_before = now() + make_interval(secs => $3)
       WHERE id = $1 AND epoch = $2 AND state IN ('building', 'measuring')`,
      [id, epoch, delaySeconds],
    );
    if (result.rowCount === 0) throw new QibenchError('LEASE_LOST', { id, epoch });
    await appendEvent({ pool: client }, id, epoch, { type: 'state', state: 'queued', error: null });
    await enqueue(client, id);
  });
}

/** What a worker of this name held before it died goes back to the queue; call once, at its start. */
export async function releaseWorkerJobs(store: Store, worker: string): Promise<number> {
  return requeue(store, 'worker = $1', [worker]);
}

/**
 * Put right what nobody else will: jobs whose lease ran out are queued again, or fail after too many claims; queued
 * jobs that the queue may have forgotten are announced again.
 */
export async function reapJobs(store: Store, maxClaims = 5): Promise<number> {
  const lost = await store.pool.query<{ id: string; epoch: number }>(
    "SELECT id, epoch FROM job WHERE state IN ('building', 'measuring') AND lease_until < now() AND epoch >= $1",
    [maxClaims],
  );
  for (const { id, epoch } of lost.rows) {
    await setJobState(store, id, epoch, 'failed', new QibenchError('WORKER_LOST', { count: epoch }).toBody()).catch(() => undefined);
  }
  const requeued = await requeue(store, 'lease_until < now()', []);
  const forgotten = await store.pool.query(
    `INSERT INTO outbox (job_id) SELECT id FROM job WHERE state = 'queued' AND (not_before IS NULL OR not_before <= now())
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE job_id = job.id AND (sent_at IS NULL OR sent_at > now() - interval '15 seconds'))`,
  );
  if (forgotten.rowCount !== 0) await store.pool.query(`NOTIFY ${OUTBOX_CHANNEL}`);
  await store.pool.query("DELETE FROM outbox WHERE sent_at < now() - interval '1 day'");
  return lost.rows.length + requeued + (forgotten.rowCount ?? 0);
}

async function requeue(store: Store, condition: string, values: unknown[]): Promise<number> {
  return transaction(store, async (client) => {
    const rows = await client.query<{ id: string; epoch: number }>(
      `UPDATE job SET state = 'queued', worker = NULL, lease_until = NULL WHERE state IN ('building', 'measuring') AND ${condition} RETURNING id, epoch`,
      values,
    );
    for (const { id, epoch } of rows.rows) {
      await appendEvent({ pool: client }, id, epoch, { type: 'state', state: 'queued', error: null });
      await enqueue(client, id);
    }
    return rows.rows.length;
  });
}

async function enqueue(client: pg.PoolClient, jobId: string): Promise<void> {
  await client.query('INSERT INTO outbox (job_id) VALUES ($1)', [jobId]);
  await client.query(`NOTIFY ${OUTBOX_CHANNEL}`);
}

async function transaction<T>(store: Store, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await store.pool.connect();
  let committed = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    committed = true;
    return result;
  } finally {
    if (!committed) await client.query('ROLLBACK').catch(() => undefined);
    client.release();
  }
}

function toJob(row: Row): Job {
  return {
    id: row.id,
    name: row.name,
    state: row.state as JobState,
    request: row.request as unknown as JobRequest,
    plan: row.plan as unknown as JobPlan,
    epoch: row.epoch,
    blocksDone: row.blocksDone,
    cancelRequested: row.cancelRequested,
    error: row.error as unknown as ErrorBody | null,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** How many jobs wait and how many are held. */
export async function countJobs(store: Store): Promise<{ queued: number; running: number }> {
  const result = await store.pool.query<{ queued: number; running: number }>(
    `SELECT count(*) FILTER (WHERE state = 'queued')::int AS queued, count(*) FILTER (WHERE state IN ('building', 'measuring'))::int AS running
     FROM job WHERE state IN ('queued', 'building', 'measuring')`,
  );
  return result.rows[0]!;
}
