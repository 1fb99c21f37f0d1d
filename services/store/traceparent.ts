import type { Store } from './store.js';

/** What the spans of a job belong to; null if it came without. */
export async function traceparentOf(store: Store, jobId: string): Promise<string | null> {
  const { rows } = await store.pool.query<{ traceparent: string | null }>(
    'SELECT traceparent FROM job WHERE id = $1',
    [jobId],
  );
  return rows[0]?.traceparent ?? null;
}
