// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { QibenchError, type ErrorBody } from '#contract/error.js';
import type { WebhookTrigger, WebhookDelivery, WebhookState } from '#contract/webhook.js';
import { transaction, type Store } from './store.js';

/** Channel that announces new deliveries. */
export const WEBHOOK_CHANNEL = 'qibench_webhook';
/** Seconds without a renewal after which a process loses its claim on a delivery. */
export const CLAIM_SECONDS = 8;

/**
 * A delivery whose next step this process may take. State and attempts are its fence: a claim by
 * another process changes them.
 */
export interface ClaimedDelivery {
  readonly delivery: string;
  readonly state: WebhookState;
  readonly attempts: number;
  readonly trigger: WebhookTrigger;
  readonly jobId: string | null;
  readonly baseSha: string | null;
  readonly commentId: number | null;
  readonly error: ErrorBody | null;
}

/**
 * Records a delivery. Returns false if its id or its body was recorded before. The body counts too,
 * because only the body is signed.
 */
export async function addDelivery(
  store: Store,
  {
    delivery,
    bodyDigest,
    trigger,
  }: { delivery: string; bodyDigest: Buffer; trigger: WebhookTrigger },
): Promise<boolean> {
  return transaction(store, async (client) => {
    const result = await client.query(
      `INSERT INTO webhook_delivery (body_digest, delivery, trigger, state, due_at)
       VALUES ($1, $2, $3, 'received', now())
       ON CONFLICT DO NOTHING`,
      [bodyDigest, delivery, JSON.stringify(trigger)],
    );
    await client.query(`NOTIFY ${WEBHOOK_CHANNEL}`);
    return result.rowCount === 1;
  });
}

/**
 * Claims the delivery that has been due for longest. An announced delivery is due when its job has
 * ended. Returns null if none is due.
 */
export async function claimDelivery(store: Store): Promise<ClaimedDelivery | null> {
  const { rows } = await store.pool.query<ClaimedDelivery>(
    `UPDATE webhook_delivery
     SET attempts = attempts + 1, due_at = now() + make_interval(secs => $1)
     WHERE body_digest = (
       SELECT body_digest
       FROM webhook_delivery
       WHERE due_at <= now()
         AND (state <> 'announced' OR EXISTS (
           SELECT 1 FROM job WHERE id = job_id AND state IN ('succeeded', 'failed', 'cancelled')))
       ORDER BY due_at
       LIMIT 1
       FOR UPDATE SKIP LOCKED)
     RETURNING delivery, state, attempts, trigger, job_id AS "jobId", base_sha AS "baseSha",
       comment_id::float8 AS "commentId", error`,
    [CLAIM_SECONDS],
  );
  return rows[0] ?? null;
}

/** Renews the claim on a delivery during a long step. */
export async function renewClaim(
  store: Store,
  { delivery, state, attempts }: ClaimedDelivery,
): Promise<void> {
  await store.pool.query(
    `UPDATE webhook_delivery
     SET due_at = now() + make_interval(secs => $4)
     WHERE delivery = $1 AND state = $2 AND attempts = $3`,
    [delivery, state, attempts, CLAIM_SECONDS],
  );
}

export interface Advance {
  readonly state: WebhookState;
  readonly jobId?: string;
  readonly baseSha?: string;
  readonly commentId?: number;
  readonly error?: ErrorBody | null;
}

/**
 * Stores the result of a delivery's step.
 *
 * @throws {UNAVAILABLE} Another process has taken the step meanwhile; nothing is changed.
 */
export async function advanceDelivery(
  client: Pick<pg.PoolClient, 'query'>,
  claim: ClaimedDelivery,
  { state, jobId, baseSha, commentId, error }: Advance,
): Promise<void> {
  const result = await client.query(
    `UPDATE webhook_delivery
     SET state = $4,
       attempts = 0,
       due_at = CASE WHEN $4 IN ('reported', 'failed') THEN NULL ELSE now() END,
       job_id = coalesce($5, job_id),
       base_sha = coalesce($6, base_sha),
       comment_id = coalesce($7, comment_id),
       error = $8
     WHERE delivery = $1 AND state = $2 AND attempts = $3`,
    [
      claim.delivery,
      claim.state,
      claim.attempts,
      state,
      jobId ?? null,
      baseSha ?? null,
      commentId ?? null,
      error === undefined || error === null ? null : JSON.stringify(error),
    ],
  );
  if (result.rowCount === 0)
    throw new QibenchError('UNAVAILABLE', {
      what: `delivery ${claim.delivery}`,
      reason: 'another process has taken its next step',
    });
}

/**
 * Schedules another attempt of a step that failed. A refused delivery keeps the reason for its
 * refusal, which is still to be reported.
 */
export async function postponeDelivery(
  store: Store,
  { delivery, state, attempts }: ClaimedDelivery,
  error: ErrorBody,
  delayMs: number,
): Promise<void> {
  await store.pool.query(
    `UPDATE webhook_delivery
     SET due_at = now() + make_interval(secs => $4),
       error = CASE WHEN state = 'refused' THEN error ELSE $5 END
     WHERE delivery = $1 AND state = $2 AND attempts = $3`,
    [delivery, state, attempts, delayMs / 1000, JSON.stringify(error)],
  );
}

export async function listDeliveries(store: Store, limit: number): Promise<WebhookDelivery[]> {
  const { rows } = await store.pool.query<
    Omit<WebhookDelivery, 'dueAt' | 'receivedAt'> & { dueAt: Date | null; receivedAt: Date }
  >(
    `SELECT delivery, state, trigger, job_id AS "jobId", attempts, due_at AS "dueAt", error,
       at AS "receivedAt"
     FROM webhook_delivery
     ORDER BY at DESC
     LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({
    ...row,
    dueAt: row.dueAt?.toISOString() ?? null,
    receivedAt: row.receivedAt.toISOString(),
  }));
}

/** Returns the number of deliveries per state, of those in progress or failed. */
export async function countDeliveries(
  client: Pick<pg.PoolClient, 'query'>,
): Promise<Record<Exclude<WebhookState, 'reported'>, number>> {
  const { rows } = await client.query<{ state: Exclude<WebhookState, 'reported'>; count: number }>(
    `SELECT state, count(*)::int AS count
     FROM webhook_delivery
     WHERE state <> 'reported'
     GROUP BY state`,
  );
  return {
    received: 0,
    submitted: 0,
    announced: 0,
    refused: 0,
    failed: 0,
    ...Object.fromEntries(rows.map(({ state, count }) => [state, count])),
  };
}
