// SPDX-License-Identifier: GPL-2.0-or-later
import type { Prepared } from '../build/build-job.js';
import type { StepContext } from '../step-context.js';
import { openRunner } from './runner.js';

const LIMIT_MS = 120_000;

/**
 * Reads all emulators of a job, so that the kernel has them in its page cache. The warm-up block
 * starts one link of each build. The first run of every other link would wait for the disk, but
 * only on a side that was not built just now: this once reversed the sign of a 5 % slowdown.
 */
export async function cacheEmulators(
  context: StepContext,
  { variants }: Pick<Prepared, 'variants'>,
  cpuset: string,
): Promise<void> {
  for (const image of new Set([...variants.values()].map(({ build }) => build.image))) {
    await using runner = await openRunner(context, { image, cpuset });
    await runner.run({
      command: ['sh', '-c', 'cat /opt/qemu/bin/* > /dev/null'],
      environment: { PATH: '/usr/bin:/bin' },
      timeoutMs: LIMIT_MS,
      outputLimitBytes: 1_024,
      cpu: null,
      stackBytes: null,
      fifoPriority: null,
    });
  }
}
