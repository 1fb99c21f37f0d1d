// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { JobPlan } from '#contract/job.js';
import type { Store } from './store.js';

/**
 * Stores the plan that a worker has completed.
 * @throws {LEASE_LOST} The job is no longer leased under the epoch.
 */
export async function savePlan(
  store: Store,
  id: string,
  epoch: number,
  plan: JobPlan,
): Promise<void> {
  const { rowCount } = await store.pool.query(
    `UPDATE job SET plan = $3
     WHERE id = $1 AND epoch = $2 AND state IN ('building', 'measuring')`,
    [id, epoch, JSON.stringify(plan)],
  );
  if (rowCount !== 1) throw new QibenchError('LEASE_LOST', { id, epoch });
}
