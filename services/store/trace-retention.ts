import { transaction, type Store } from './store.js';

/** How much of the records of traces is kept; 0 is no limit. */
export interface TraceLimits {
  /** Days after which records are removed; a job may say fewer. */
  readonly days: number;
  /** Stored bytes of all traces together; beyond, the records of the oldest are removed. */
  readonly totalBytes: number;
}

/**
 * Remove records that are too old or too many. The traces stay, with `expiredAt`, their counts, statistics and
 * histograms.
 *
 * @returns ids of the traces whose records were removed
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
           SELECT trace.id, trace.created_at, (job.request->>'traceDays')::float8 AS job_days, sum(stored_bytes) OVER (ORDER BY trace.id DESC) AS newer_bytes
           FROM trace JOIN job ON job.id = trace.job_id WHERE expired_at IS NULL
         ) kept
         WHERE created_at < now() - least(nullif($1::float8, 0), job_days) * interval '1 day' OR ($2::bigint > 0 AND newer_bytes > $2)
       ) RETURNING id`,
      [days, totalBytes],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0)
      await client.query('DELETE FROM trace_chunk WHERE trace_id = ANY($1::bigint[])', [ids]);
    return ids;
  });
}
