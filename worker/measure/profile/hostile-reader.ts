// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ProfileFormatError } from './callgrind-file.js';
import type { Readings } from './hostile-reader-thread.js';

/** Limits of a reading; a profile of a system emulator takes some seconds and 300 MB. */
const TIME_MS = 300_000;
const HEAP_MEBIBYTES = 2_048;

/**
 * Reads a hostile file in a thread of its own: a file that takes long or much memory costs its job
 * the profile, and keeps the worker from neither leases nor other jobs.
 *
 * @throws {ProfileFormatError} The file is damaged, or takes more time or memory than any profile.
 */
export async function readHostile<K extends keyof Readings>(
  reading: K,
  inputs: Parameters<Readings[K]>[0],
  timeMs = TIME_MS,
): Promise<ReturnType<Readings[K]>> {
  const thread = new Worker(new URL('./hostile-reader-thread.js', import.meta.url), {
    workerData: { reading, inputs },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  });
  try {
    const [read] = await once(thread, 'message', { signal: AbortSignal.timeout(timeMs) });
    return read as ReturnType<Readings[K]>;
  } catch (error) {
    throw new ProfileFormatError(`it cannot be read: ${(error as Error).message}`);
  } finally {
    await thread.terminate();
  }
}
