import type { Cut } from '../contract/job.js';
import type { Store } from './store.js';

/** Maximum number of truncations recorded per job. */
const MAX_CUTS = 64;

/**
 * Records that an output of a job was truncated, once per output, while the job is leased under the
 * epoch.
 */
export async function noteCut(store: Store, jobId: string, epoch: number, cut: Cut): Promise<void> {
  await store.pool.query(
    `UPDATE job
     SET cuts = cuts || $3::jsonb
     WHERE id = $1 AND epoch = $2 AND NOT cuts @> $3::jsonb AND jsonb_array_length(cuts) < $4`,
    [jobId, epoch, JSON.stringify([cut]), MAX_CUTS],
  );
}
