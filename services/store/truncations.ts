// SPDX-License-Identifier: GPL-2.0-or-later
import type { Truncation } from '#contract/job.js';
import type { Store } from './store.js';

/** Maximum number of truncations recorded per job. */
const MAX_TRUNCATIONS = 64;

/**
 * Records that an output of a job was truncated, once per output, while the job is leased under the
 * epoch.
 */
export async function recordTruncation(
  store: Store,
  jobId: string,
  epoch: number,
  truncation: Truncation,
): Promise<void> {
  await store.pool.query(
    `UPDATE job
     SET truncations = truncations || $3::jsonb
     WHERE id = $1 AND epoch = $2 AND NOT truncations @> $3::jsonb AND jsonb_array_length(truncations) < $4`,
    [jobId, epoch, JSON.stringify([truncation]), MAX_TRUNCATIONS],
  );
}
