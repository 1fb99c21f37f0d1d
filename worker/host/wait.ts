import type { BuildContext } from '../build/context.js';
import { lockHost, type HostLock, type HostUse } from './lock.js';

/** The host for one use; waiting for it is a step that is shown, as it may take as long as another job measures. */
export async function waitForHost({ progress, signal }: BuildContext, lockFolder: string, use: HostUse): Promise<HostLock> {
  const step = 'waiting for the host';
  let waitsSinceMs: number | null = null;
  const lock = await lockHost(lockFolder, use, signal, () => {
    waitsSinceMs = performance.now();
    progress.log(use, `${step}, to ${use} on it: another job has it\n`);
    progress.started(use, step);
  });
  if (waitsSinceMs !== null) progress.finished(use, step, { durationMs: Math.round(performance.now() - waitsSinceMs), cached: false, key: null });
  return lock;
}
