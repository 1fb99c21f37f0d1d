// SPDX-License-Identifier: GPL-2.0-or-later
import type { StepContext } from '../step-context.js';
import { lockHost, type HostLock, type HostUse } from './lock.js';

/** Name of the waiting step, which neither builds nor measures. */
export const HOST_LOCK_STEP = 'waiting for the host';

/**
 * Locks the host for one use. Waiting is reported as a step, because another job may measure for
 * hours.
 */
export async function waitForHost(
  { progress, signal }: StepContext,
  lockFolder: string,
  use: HostUse,
): Promise<HostLock> {
  let waitsSinceMs: number | null = null;
  const lock = await lockHost(lockFolder, use, signal, () => {
    waitsSinceMs = performance.now();
    progress.log(use, `${HOST_LOCK_STEP}, to ${use} on it: another job has it\n`);
    progress.started(use, HOST_LOCK_STEP);
  });
  if (waitsSinceMs !== null)
    progress.finished(use, HOST_LOCK_STEP, {
      durationMs: Math.round(performance.now() - waitsSinceMs),
      cached: false,
      key: null,
    });
  return lock;
}
