// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Store } from './store.js';

const PATIENCE_MS = 5_000;

/**
 * Runs a statement and terminates any backend that blocks it for more than PATIENCE_MS, which rolls
 * back that backend's transaction. Only for statements of the current attempt: a blocker is then an
 * attempt that has ended.
 */
export async function withBlockersTerminated<T>(
  store: Store,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await store.pool.connect();
  let timer: NodeJS.Timeout | undefined;
  let failed = true;
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const unblock = () =>
      store.pool
        .query(
          'SELECT pg_terminate_backend(blocker) FROM unnest(pg_blocking_pids($1)) AS blocker',
          [rows[0]!.pid],
        )
        .catch(() => undefined);
    timer = setInterval(() => void unblock(), PATIENCE_MS);
    const result = await work(client);
    failed = false;
    return result;
  } finally {
    clearInterval(timer);
    client.release(failed);
  }
}
