// SPDX-License-Identifier: GPL-2.0-or-later
import { basename } from 'node:path';
import type { StepContext } from '../step-context.js';
import { packFiles } from '../build/tar.js';
import { fillVolume } from '../build/workload.js';
import { RUN_PATHS } from './command.js';

const RUN_USER_ID = 65534;

/**
 * Creates the volume for the trace of one run: a read-only folder with a single writable file. The
 * limit of the file's size then bounds the volume too, since Docker cannot limit a volume. Returns
 * its name.
 */
export function createTraceVolume(context: StepContext, image: string): Promise<string> {
  return fillVolume(
    context,
    image,
    packFiles([{ path: basename(RUN_PATHS.trace), content: '' }], RUN_USER_ID),
  );
}
