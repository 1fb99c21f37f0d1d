import type { StepContext } from '../step-context.js';
import { lockHost, type HostLock, type HostUse } from './lock.js';

/** What the step is about that waits; it is no building or measuring. */
export const WAITING = 'waiting for the host';

/** The host for one use; waiting for it is a step that is shown, as it may take as long as another job measures. */
export async function waitForHost(
  { progress, signal }: StepContext,
  lockFolder: string,
  use: HostUse,
): Promise<HostLock> {
  let waitsSinceMs: number | null = null;
  const lock = await lockHost(lockFolder, use, signal, () => {
    waitsSinceMs = performance.now();
    progress.log(use, `${WAITING}, to ${use} on it: another job has it\n`);
    progress.started(use, WAITING);
  });
  if (waitsSinceMs !== null)
    progress.finished(use, WAITING, {
      durationMs: Math.round(performance.now() - waitsSinceMs),
      cached: false,
      key: null,
    });
  return lock;
}
