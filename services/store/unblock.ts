import type pg from 'pg';
import type { Store } from './store.js';

const PATIENCE_MS = 5_000;

/**
 * Do something that must not wait for others: whoever holds it up for longer has their connection ended, and with it
 * their transaction. For what an attempt does that has the right to: who stands in its way is an attempt that is over.
 */
export async function withoutWaiting<T>(
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
