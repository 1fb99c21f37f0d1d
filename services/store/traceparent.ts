// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

/** Returns the W3C traceparent of a job's spans; null if the job was submitted without one. */
export async function traceparentOf(store: Store, jobId: string): Promise<string | null> {
  const { rows } = await store.pool.query<{ traceparent: string | null }>(
    'SELECT traceparent FROM job WHERE id = $1',
    [jobId],
  );
  return rows[0]?.traceparent ?? null;
}
