import { transaction, type Store } from './store.js';

/** Rows that are locked, handed over and marked together: a mark for each would be a transaction for each. */
export const OUTBOX_BATCH = 100;

export interface OutboxRow {
  readonly id: string;
  readonly jobId: string;
}

/** Hand over unsent rows, oldest first, and mark each batch as sent once that worked. Returns how many. */
export async function takeOutbox(
  store: Store,
  send: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (;;) {
    const taken = await takeBatch(store, send);
    count += taken;
    if (taken < OUTBOX_BATCH) return count;
  }
}

function takeBatch(
  store: Store,
  send: (rows: readonly OutboxRow[]) => Promise<void>,
): Promise<number> {
  return transaction(store, async (client) => {
    const { rows } = await client.query<OutboxRow>(
      `SELECT outbox.id, job_id AS "jobId" FROM outbox JOIN job ON job.id = job_id
       WHERE sent_at IS NULL AND (not_before IS NULL OR not_before <= now()) ORDER BY outbox.id LIMIT $1 FOR UPDATE OF outbox SKIP LOCKED`,
      [OUTBOX_BATCH],
    );
    if (rows.length === 0) return 0;
    await send(rows);
    await client.query('UPDATE outbox SET sent_at = now() WHERE id = ANY($1)', [
      rows.map(({ id }) => id),
    ]);
    return rows.length;
  });
}
