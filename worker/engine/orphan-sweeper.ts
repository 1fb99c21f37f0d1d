// SPDX-License-Identifier: GPL-2.0-or-later
import { endedAttempts, type Attempt } from '#store/attempts.js';
import type { Store } from '#store/store.js';
import { LABEL, type Engine } from './engine.js';

const SWEEP_MS = 15_000;
/** Minimum age of an unnamed image to remove: an image gets its name right after it was built. */
const NAMING_MS = 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes the leftovers of ended attempts from this engine: their worker was killed, and the job
 * has ended or continued elsewhere.
 *
 * @returns Number of attempts whose leftovers were removed.
 */
async function sweepOrphans(store: Store, backend: Engine): Promise<number> {
  const found = new Map<string, Attempt>();
  for (const labels of await backend.labelled(LABEL.job)) {
    const attempt = { jobId: labels[LABEL.job] ?? '', epoch: Number(labels[LABEL.epoch]) };
    if (UUID.test(attempt.jobId) && Number.isInteger(attempt.epoch))
      found.set(`${attempt.jobId} ${attempt.epoch}`, attempt);
  }
  if (found.size === 0) return 0;
  // The order matters: an attempt that is claimed from now on was not listed above.
  const over = await endedAttempts(store, [...found.values()]);
  for (const { jobId, epoch } of over)
    await backend.sweep({ [LABEL.job]: jobId, [LABEL.epoch]: String(epoch) });
  return over.length;
}

/** Removes the leftovers of attempts, then images that have lost their name. */
async function sweep(store: Store, backend: Engine): Promise<void> {
  await sweepOrphans(store, backend);
  await backend.removeDangling(NAMING_MS);
}

/** Sweeps now and every SWEEP_MS, until the returned function is called. */
export function startOrphanSweep(
  store: Store,
  backend: Engine,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const begin = () => {
    if (busy) return;
    busy = true;
    running = sweep(store, backend)
      .catch(onError)
      .finally(() => (busy = false));
  };
  begin();
  const timer = setInterval(begin, SWEEP_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
