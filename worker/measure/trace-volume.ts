import { basename } from 'node:path';
import type { StepContext } from '../step-context.js';
import { packFiles } from '../build/tar.js';
import { fillVolume } from '../build/workload.js';
import { RUN_PATHS } from './command.js';

const RUN_USER_ID = 65534;

/**
 * A new volume for the trace of one run: a folder in which nothing can be made, with the one file that can be written.
 * So the limit of a file is that of the volume, which Docker gives none.
 */
export async function createTraceVolume(
  context: StepContext,
  image: string,
  volume: string,
): Promise<void> {
  await fillVolume(
    context,
    image,
    volume,
    packFiles([{ path: basename(RUN_PATHS.trace), content: '' }], RUN_USER_ID),
  );
}
