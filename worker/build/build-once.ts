// SPDX-License-Identifier: GPL-2.0-or-later
import type { StepContext } from '../step-context.js';
import type { Step } from '#contract/job-event.js';
import { acquireBuildLock } from '../host/lock.js';

/**
 * Builds an image unless the engine has it (single flight per host). When several workers of a host
 * need the image, one builds it and the others wait.
 *
 * @param name Builds with the same name run one at a time; images that share most of their work
 *   share a name. A build that runs uploaded code may take up to its time limit, and other builds
 *   must not queue behind it: its name holds the image's whole key.
 * @returns True if the engine had the image already.
 */
export async function buildOnce(
  { backend, lockFolder, signal, progress }: StepContext,
  { tag, step, name }: { readonly tag: string; readonly step: Step; readonly name: string },
  build: () => Promise<void>,
): Promise<boolean> {
  if (await backend.hasImage(tag)) return true;
  await using _lock = await acquireBuildLock(lockFolder, name, signal, () =>
    progress.log(step, `waiting for another job on this host to build ${name}\n`),
  );
  if (await backend.hasImage(tag)) return true;
  await build();
  return false;
}
