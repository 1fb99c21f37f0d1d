import type { StepContext } from '../step-context.js';
import type { Step } from '../../services/contract/job-event.js';
import { lockMaking } from '../host/lock.js';

/**
 * Make an image, unless the engine has it. Of several workers of a host that want it, one makes it and the others wait
 * for it, so that nothing that takes minutes is done twice.
 *
 * @param name of what is made one at a time; images that share most of their work share it. Null: nobody waits, as where
 *   somebody's code takes part, may take as long as its limit, and others' work would wait for it
 * @returns whether it was there
 */
export async function makeOnce(
  { backend, lockFolder, signal, progress }: StepContext,
  { tag, step, name }: { readonly tag: string; readonly step: Step; readonly name: string | null },
  make: () => Promise<void>,
): Promise<boolean> {
  if (await backend.hasImage(tag)) return true;
  if (name === null) return make().then(() => false);
  await using _lock = await lockMaking(lockFolder, name, signal, () =>
    progress.log(step, `waiting for another job of this machine, which makes ${name}\n`),
  );
  if (await backend.hasImage(tag)) return true;
  await make();
  return false;
}
