// SPDX-License-Identifier: GPL-2.0-or-later
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { QibenchError } from '#contract/error.js';
import type { Profile } from '#contract/profile.js';
import { fileFromTar } from '../../build/tar.js';
import type { StepContext } from '../../step-context.js';
import { RUN_PATHS } from '../command.js';
import { ProfileFormatError } from './callgrind-file.js';
import { readHostile } from './hostile-reader.js';

/** A user-mode run writes some 2 MB, a system emulator 10 MB. */
const PROFILE_BYTES = 64 * 1024 * 1024;
const BLOCKS_BYTES = 128 * 1024 * 1024;

/** What a profiled run wrote: the compact profile, and the profiler's own file, compressed. */
export interface ReadProfile extends Pick<
  Profile,
  'total' | 'split' | 'functions' | 'omitted' | 'tree'
> {
  readonly file: Buffer;
  readonly fileBytes: number;
}

/**
 * Returns whether a run has no profile, but the job continues: its timed blocks are valid.
 */
export function isProfileLost(error: unknown): error is Error {
  return (
    error instanceof ProfileFormatError ||
    (error instanceof QibenchError &&
      (error.kind === 'workload' || ['TOO_LARGE', 'OVER_LIMIT'].includes(error.code)))
  );
}

/**
 * Reads the files of a profiled run. They are hostile: uploaded code ran in the process that wrote
 * them.
 *
 * @throws {ProfileFormatError} The profile is missing, empty or damaged.
 * @throws {TOO_LARGE} A file exceeds its limit.
 */
export async function readProfile(
  { backend }: Pick<StepContext, 'backend'>,
  container: string,
): Promise<ReadProfile> {
  const read = async (path: string, limitBytes: number) =>
    (await fileFromTar(await backend.copyOut(container, path), basename(path), limitBytes))
      ?.content;
  const file = await read(RUN_PATHS.profile, PROFILE_BYTES);
  if (file === undefined || file.length === 0)
    throw new ProfileFormatError('the run wrote no profile');
  const map = (await read(RUN_PATHS.blocks, BLOCKS_BYTES)) ?? Buffer.alloc(0);
  const profile = await readHostile('profile', { file, map });
  if (profile.total === 0 || !Number.isSafeInteger(profile.total))
    throw new ProfileFormatError(`its cost is ${profile.total}`);
  return { ...profile, file: await promisify(gzip)(file), fileBytes: file.length };
}
