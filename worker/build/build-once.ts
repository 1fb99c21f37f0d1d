import type { StepContext } from '../step-context.js';
import type { Step } from '../../services/contract/job-event.js';
import { acquireBuildLock } from '../host/lock.js';

/**
 * Builds an image unless the engine has it. Among several workers of a host that want it, one builds it and the others
 * wait, so that minutes of work are not done twice.
 *
 * @param name Builds with the same name run one at a time; images that share most of their work share it. Null: no lock.
 *   A build that runs uploaded code may take up to its time limit, and other builds must not wait for it.
 * @returns whether the image was there
 */
export async function buildOnce(
  { backend, lockFolder, signal, progress }: StepContext,
  { tag, step, name }: { readonly tag: string; readonly step: Step; readonly name: string | null },
  build: () => Promise<void>,
): Promise<boolean> {
  if (await backend.hasImage(tag)) return true;
  if (name === null) return build().then(() => false);
  await using _lock = await acquireBuildLock(lockFolder, name, signal, () =>
    progress.log(step, `waiting for another job of this machine, which makes ${name}\n`),
  );
  if (await backend.hasImage(tag)) return true;
  await build();
  return false;
}
