// SPDX-License-Identifier: GPL-2.0-or-later
import { basename } from 'node:path';
import { RUN_USER_ID, type StepContext } from '../step-context.js';
import { packFiles } from '../build/tar.js';
import { fillVolume } from '../build/workload.js';

/**
 * Creates the volume for the files that one run writes: a read-only folder with these writable
 * files. The limit of a file's size then bounds the volume too, since Docker cannot limit a volume.
 * Returns its name.
 *
 * @param paths Paths of the files in the run's container.
 */
export function createOutputVolume(
  context: StepContext,
  image: string,
  paths: readonly string[],
): Promise<string> {
  return fillVolume(
    context,
    image,
    packFiles(
      paths.map((path) => ({ path: basename(path), content: '' })),
      RUN_USER_ID,
    ),
  );
}
