// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { QibenchError, type ErrorBody } from '#contract/error.js';
import {
  ENDED_STATES,
  type Truncation,
  type Job,
  JobPlan,
  type JobRequest,
  type JobState,
} from '#contract/job.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { Priority } from '#contract/requires.js';
import { THRESHOLD_DEFAULT } from '#contract/threshold.js';
import { mayDo, quotaExceeded, type Access } from '#domain/access.js';
import { capabilitiesOf } from '#domain/host-recorders.js';
import { step, type JobMachine, type JobTransition } from '#domain/job-state.js';
import { appendEvent } from './events.js';
import { tallyTransition } from './job-tally.js';
import { checkPoints, checkUse } from './project-use.js';
import { OUTBOX_CHANNEL, transaction, type Store } from './store.js';
import { touchUploads } from './uploads.js';
import type { Job as Row } from './generated/client.js';

/** Seconds without a renewal after which a worker counts as lost. */
export const LEASE_SECONDS = 60;
/**
 * Seconds that a worker has to react to a cancel request; then the reaper cancels the job. Together
 * with the reaper's interval, that is well within 30 s.
 */
const CANCEL_SECONDS = 12;

const PRIORITY: Readonly<Record<Priority, number>> = { low: -1, normal: 0, high: 1, urgent: 2 };

/** States in which a worker has leased the job. */
const LEASED_STATES: readonly JobState[] = ['building', 'measuring'];

/**
 * Accepts a job: writes the job, its first event and its outbox row in one transaction. Idempotent:
 * the same key and request from the same project return the existing job. Rows that `within` writes
 * belong to the same transaction. A/A comparisons count for their host only if `access` has the scope
 * admin.
 *
 * @throws {IDEMPOTENCY_CONFLICT} The key was used with another request.
 * @throws {QUOTA_EXCEEDED} The project has too many jobs, bytes of results or points.
 * @throws Errors of `within`.
 */
export async function acceptJob(
  store: Store,
  input: {
    request: JobRequest;
    plan: JobPlan;
    requestDigest: string;
    idempotencyKey?: string;
    access?: Pick<Access, 'project' | 'quota'> & Partial<Pick<Access, 'scopes'>>;
    traceparent?: string | null;
    within?: (client: pg.PoolClient, jobId: string) => Promise<void>;
  },
): Promise<{ job: Job; created: boolean }> {
  const id = randomUUID();
  const { project = null, quota = null, scopes = [] } = input.access ?? {};
  const scope = project ?? '';
  const created = await transaction(store, async (client) => {
    const inserted = await client.query(
      `INSERT INTO job (
         id, name, state, request, plan, idempotency_scope, idempotency_key, request_digest,
         traceparent, calibrates, project, target, labels, capabilities, cores, priority, turn_at)
       VALUES (
         $1, $2, 'queued', $3, $4, $5, $6, $7,
         $8, $9, $10, $11, $12, $13, $14, $15::int, now() - make_interval(hours => $15::int))
       ON CONFLICT (idempotency_scope, idempotency_key) DO NOTHING`,
      [
        id,
        input.request.name,
        JSON.stringify(input.request),
        JSON.stringify(input.plan),
        scope,
        input.idempotencyKey ?? null,
        input.requestDigest,
        input.traceparent ?? null,
        mayDo({ scopes }, 'admin'),
        ...placementColumns(input.request, input.plan),
      ],
    );
    if (inserted.rowCount === 0) return false;
    if (project !== null && quota !== null) await checkQuota(client, project, quota);
    await touchUploads(client, input);
    await appendEvent({ pool: client }, id, null, { type: 'state', state: 'queued', error: null });
    await enqueue(client, id);
    await input.within?.(client, id);
    return true;
  });
  if (created) return { job: (await getJob(store, id))!, created };
  const row = await store.prisma.job.findFirstOrThrow({
    where: { idempotencyScope: scope, idempotencyKey: input.idempotencyKey! },
  });
  if (row.requestDigest !== input.requestDigest)
    throw new QibenchError('IDEMPOTENCY_CONFLICT', { key: input.idempotencyKey! });
  return { job: toJob(row), created: false };
}

/**
 * Returns the column values for a job's requirements on the worker, including its variants'
 * requirements, and its place in the queue.
 */
function placementColumns(
  { project = '', qemu: { target }, requires, priority = 'normal' }: JobRequest,
  { variants }: Pick<JobPlan, 'variants'>,
): unknown[] {
  const { labels = [], capabilities = [], cores = 1 } = requires ?? {};
  const needed = [...new Set([...capabilities, ...capabilitiesOf(variants)])];
  return [project, target, labels, needed, cores, PRIORITY[priority]];
}

/** @throws {QUOTA_EXCEEDED} The project has too many jobs, bytes of results or points. */
async function checkQuota(
  client: pg.PoolClient,
  project: string,
  { queuedJobs, jobsPerDay, resultBytes, points }: ProjectQuota,
): Promise<void> {
  // Without the lock, concurrent submissions would not count each other's jobs.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7271))', [project]);
  const { rows } = await client.query<{ queued: number }>(
    "SELECT count(*)::int AS queued FROM job WHERE state = 'queued' AND project = $1",
    [project],
  );
  const { queued } = rows[0]!;
  if (queued > queuedJobs) throw quotaExceeded(project, 'queued jobs', queuedJobs, queued);
  await checkUse(client, 'jobs', { project, perDay: jobsPerDay, bytes: resultBytes });
  await checkPoints(client, project, { added: 1, limit: points }); // a job adds one at least
}

export async function getJob(store: Store, id: string): Promise<Job | null> {
  const row = await store.prisma.job.findUnique({ where: { id } });
  return row === null ? null : toJob(row);
}

/**
 * Requests cancellation. A queued job ends at once; a leased job ends when its worker sees the
 * request, or after CANCEL_SECONDS without its worker. Once this returns, the cancellation is
 * certain.
 *
 * @throws {NOT_FOUND} The job does not exist.
 * @throws {JOB_ENDED} The job has already ended.
 */
export async function requestCancel(store: Store, id: string): Promise<Job> {
  await transaction(store, async (client) => {
    const machine = await lockJob(client, id);
    if (machine === null) throw new QibenchError('NOT_FOUND', { what: 'job', id });
    if (ENDED_STATES.includes(machine.state))
      throw new QibenchError('JOB_ENDED', { id, state: machine.state });
    await client.query(
      `UPDATE job
       SET cancel_requested = true,
         lease_until = least(lease_until, now() + make_interval(secs => $2))
       WHERE id = $1`,
      [id, CANCEL_SECONDS],
    );
    if (machine.state === 'queued') await apply(client, id, machine, { type: 'cancelled' });
  });
  return (await getJob(store, id))!;
}

/**
 * Claims one job regardless of its requirements: raises its epoch and starts a lease. Returns null
 * if the job cannot be claimed. Workers use `claimNextJob` (claims.ts) instead.
 */
export async function claimJob(store: Store, id: string, worker: string): Promise<Job | null> {
  const claimed = await transaction(store, async (client) => {
    const machine = await lockJob(client, id, 'not_before IS NULL OR not_before <= now()');
    return machine !== null && leaseJob(client, id, machine, worker);
  });
  return claimed ? getJob(store, id) : null;
}

/** Leases a job, whose row is locked, to a worker. Returns false if the job cannot be claimed. */
export async function leaseJob(
  client: pg.PoolClient,
  id: string,
  machine: JobMachine,
  worker: string,
): Promise<boolean> {
  if ((await apply(client, id, machine, { type: 'claimed' })) !== 'building') return false;
  await client.query(
    `UPDATE job
     SET worker = $2,
       lease_until = now() + make_interval(secs => $3),
       started_at = coalesce(started_at, now())
     WHERE id = $1`,
    [id, worker, LEASE_SECONDS],
  );
  return true;
}

export interface Lease {
  readonly held: boolean;
  readonly cancelRequested: boolean;
  /**
   * The job has exceeded its time limit, which includes all attempts and the waiting between them.
   * Measured by the database's clock, because the clock of a worker may be set meanwhile.
   */
  readonly overdue: boolean;
}

/**
 * Extends the lease of a job, unless the job is to be cancelled.
 *
 * @param limitMs Time limit of the job since its first claim.
 */
export async function renewLease(
  store: Store,
  id: string,
  epoch: number,
  limitMs = Infinity,
): Promise<Lease> {
  const { rows } = await store.pool.query<Omit<Lease, 'held'>>(
    `UPDATE job
     SET lease_until = CASE
       WHEN cancel_requested THEN lease_until
       ELSE now() + make_interval(secs => $3)
     END
     WHERE id = $1 AND epoch = $2 AND state IN ('building', 'measuring')
     RETURNING cancel_requested AS "cancelRequested",
       extract(epoch FROM now() - started_at) * 1000 >= $4::float8 AS overdue`,
    [id, epoch, LEASE_SECONDS, limitMs],
  );
  return rows[0] === undefined
    ? { held: false, cancelRequested: false, overdue: false }
    : { held: true, ...rows[0] };
}

/**
 * Applies a transition to a job that is leased under an epoch.
 *
 * @throws {LEASE_LOST} The job is no longer leased under this epoch.
 */
export async function advanceJob(
  store: Store,
  id: string,
  epoch: number,
  event: JobTransition,
): Promise<void> {
  await transaction(store, async (client) => {
    const machine = await lockJob(client, id);
    if (machine === null || machine.epoch !== epoch || !LEASED_STATES.includes(machine.state))
      throw new QibenchError('LEASE_LOST', { id, epoch });
    await apply(client, id, machine, event);
  });
}

/**
 * Expires the leases that a worker of this name held before it died. Call once, when the worker
 * starts.
 *
 * @returns Number of jobs that were lost.
 */
export async function loseWorkerJobs(store: Store, worker: string): Promise<number> {
  return expireLeases(store, 'worker = $1', [worker]);
}

/**
 * Requeues (or fails) jobs whose lease has expired and deletes outbox rows older than a day.
 *
 * @returns Number of jobs whose lease had expired.
 */
export async function reapJobs(store: Store): Promise<number> {
  const lost = await expireLeases(store, 'lease_until < now()', []);
  await store.pool.query("DELETE FROM outbox WHERE sent_at < now() - interval '1 day'");
  return lost;
}

async function expireLeases(store: Store, condition: string, values: unknown[]): Promise<number> {
  return transaction(store, async (client) => {
    const rows = await client.query<JobMachine & { id: string }>(
      // The order makes concurrent reapers lock tally rows in the same sequence: no deadlock.
      `SELECT id, ${MACHINE}
       FROM job
       WHERE state IN ('building', 'measuring') AND ${condition}
       ORDER BY epoch
       FOR UPDATE SKIP LOCKED`,
      values,
    );
    for (const { id, ...machine } of rows.rows) await apply(client, id, machine, { type: 'lost' });
    return rows.rows.length;
  });
}

/** Columns of a JobMachine. */
const MACHINE = 'state, epoch, built, error, cancel_requested AS "cancelRequested"';

/**
 * Locks a job's row for the rest of the transaction. Returns null if the job does not exist or does
 * not meet the condition.
 */
async function lockJob(
  client: pg.PoolClient,
  id: string,
  condition = 'true',
): Promise<JobMachine | null> {
  const found = await client.query<JobMachine>(
    `SELECT ${MACHINE} FROM job WHERE id = $1 AND (${condition}) FOR UPDATE`,
    [id],
  );
  return found.rows[0] ?? null;
}

/**
 * Applies an event to the state machine and stores the result. Returns the new state, or null if
 * the event changes nothing.
 */
async function apply(
  client: pg.PoolClient,
  id: string,
  machine: JobMachine,
  event: JobTransition,
): Promise<JobState | null> {
  const { state: next, effects } = step(machine, event);
  if (next === machine) return null;
  const held = LEASED_STATES.includes(next.state);
  await client.query(
    `UPDATE job
     SET state = $2, epoch = $3, error = $4, built = $7, not_before = NULL,
       worker = CASE WHEN $5 THEN worker END,
       lease_until = CASE WHEN $5 THEN lease_until END,
       finished_at = CASE WHEN $6 THEN now() END
     WHERE id = $1`,
    [
      id,
      next.state,
      next.epoch,
      next.error === null ? null : JSON.stringify(next.error),
      held,
      ENDED_STATES.includes(next.state),
      next.built,
    ],
  );
  await tallyTransition(client, event, next);
  for (const effect of effects) {
    if (effect.type === 'publish')
      await appendEvent({ pool: client }, id, null, {
        type: 'state',
        state: effect.state,
        error: effect.error,
      });
    else {
      await client.query(
        'UPDATE job SET not_before = now() + make_interval(secs => $2) WHERE id = $1',
        [id, effect.delayMs / 1000],
      );
      await enqueue(client, id);
    }
  }
  return next.state;
}

async function enqueue(client: pg.PoolClient, jobId: string): Promise<void> {
  await client.query('INSERT INTO outbox (job_id) VALUES ($1)', [jobId]);
  await client.query(`NOTIFY ${OUTBOX_CHANNEL}`);
}

/** Upgrades a stored request: earlier versions had a top-level `threshold` and no `measure`. */
function toRequest(stored: unknown): JobRequest {
  const { threshold = THRESHOLD_DEFAULT, ...request } = stored as JobRequest & {
    threshold?: number;
  };
  return {
    ...request,
    measure: request.measure ?? { threshold },
    thresholds: request.thresholds ?? [],
  };
}

/** Converts a stored row to a job. */
export function toJob(row: Row): Job {
  return {
    id: row.id,
    name: row.name,
    state: row.state as JobState,
    request: toRequest(row.request),
    plan: JobPlan.parse(row.plan), // adds fields that plans of earlier versions lack
    epoch: row.epoch,
    blocksDone: row.blocksDone,
    cancelRequested: row.cancelRequested,
    error: row.error as unknown as ErrorBody | null,
    truncations: row.truncations as unknown as Truncation[],
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
