import type { Store } from './store.js';

/** Hand over unsent rows, oldest first, and mark each as sent once that worked. Returns how many. */
export async function takeOutbox(store: Store, send: (row: { id: string; jobId: string }) => Promise<void>): Promise<number> {
  for (let count = 0; ; count++) {
    const client = await store.pool.connect();
    try {
      await client.query('BEGIN');
      const rows = await client.query<{ id: string; job_id: string }>(
        `SELECT outbox.id, job_id FROM outbox JOIN job ON job.id = job_id
         WHERE sent_at IS NULL AND (not_before IS NULL OR not_before <= now()) ORDER BY outbox.id LIMIT 1 FOR UPDATE OF outbox SKIP LOCKED`,
      );
      const row = rows.rows[0];
      if (row === undefined) return count;
      await send({ id: row.id, jobId: row.job_id });
      await client.query('UPDATE outbox SET sent_at = now() WHERE id = $1', [row.id]);
      await client.query('COMMIT');
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release();
    }
  }
}
