// SPDX-License-Identifier: GPL-2.0-or-later
import { transaction, type Store } from './store.js';

/** Limits on the stored records of traces; 0 means unlimited. */
export interface TraceLimits {
  /** Days after which records are removed; a job may set a shorter time. */
  readonly days: number;
  /** Total size of all stored records in bytes; beyond it, the oldest traces lose their records. */
  readonly totalBytes: number;
}

/**
 * Removes records that are too old or exceed the total size. The traces stay, with `expiredAt`,
 * their counts, statistics and histograms.
 *
 * @returns Ids of the traces whose records were removed.
 */
export async function expireTraces(
  store: Store,
  { days, totalBytes }: TraceLimits,
): Promise<string[]> {
  return transaction(store, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `UPDATE trace SET expired_at = now(), stored_bytes = 0, tail = ''
       WHERE expired_at IS NULL AND id IN (
         SELECT id FROM (
           SELECT trace.id, trace.created_at,
             (job.request->>'traceDays')::float8 AS job_days,
             sum(stored_bytes) OVER (ORDER BY trace.id DESC) AS newer_bytes
           FROM trace
           JOIN job ON job.id = trace.job_id
           WHERE expired_at IS NULL
         ) kept
         WHERE created_at < now() - least(nullif($1::float8, 0), job_days) * interval '1 day'
           OR ($2::bigint > 0 AND newer_bytes > $2)
       )
       RETURNING id`,
      [days, totalBytes],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0)
      await client.query('DELETE FROM trace_chunk WHERE trace_id = ANY($1::bigint[])', [ids]);
    return ids;
  });
}
