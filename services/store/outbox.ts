// SPDX-License-Identifier: GPL-2.0-or-later
import { transaction, type Store } from './store.js';

/** Number of rows that one transaction locks, sends and marks as sent. */
export const OUTBOX_BATCH = 100;

export interface OutboxRow {
  readonly id: string;
  readonly jobId: string;
}

/**
 * Sends unsent rows, oldest first, and marks each batch as sent once `send` has succeeded.
 *
 * @returns Number of rows sent.
 */
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
       WHERE sent_at IS NULL AND (not_before IS NULL OR not_before <= now())
       ORDER BY outbox.id
       LIMIT $1
       FOR UPDATE OF outbox SKIP LOCKED`,
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
