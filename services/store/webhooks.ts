import type { Store } from './store.js';

/** Remember a webhook; false if it has been here before. */
export async function isNewDelivery(store: Store, { bodyDigest, delivery }: { bodyDigest: Buffer; delivery: string }): Promise<boolean> {
  const result = await store.pool.query('INSERT INTO webhook_delivery (body_digest, delivery) VALUES ($1, $2) ON CONFLICT DO NOTHING', [bodyDigest, delivery]);
  return result.rowCount === 1;
}

/** A job whose end a comment is to tell. */
export interface WebhookJob {
  readonly jobId: string;
  readonly repository: string;
  readonly commentId: number;
  readonly baseSha: string | null;
}

export async function addWebhookJob(store: Store, { jobId, repository, commentId, baseSha }: WebhookJob): Promise<void> {
  await store.pool.query('INSERT INTO webhook_job (job_id, repository, comment_id, base_sha) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [jobId, repository, commentId, baseSha]);
}

/** Take the jobs that have ended and were not told: each is taken once, also by several API processes. */
export async function takeEndedWebhookJobs(store: Store): Promise<WebhookJob[]> {
  const { rows } = await store.pool.query<{ job_id: string; repository: string; comment_id: string; base_sha: string | null }>(
    `UPDATE webhook_job SET reported_at = now()
     WHERE reported_at IS NULL AND job_id IN (SELECT id FROM job WHERE state IN ('succeeded', 'failed', 'cancelled'))
     RETURNING job_id, repository, comment_id, base_sha`,
  );
  return rows.map((row) => ({ jobId: row.job_id, repository: row.repository, commentId: Number(row.comment_id), baseSha: row.base_sha }));
}
