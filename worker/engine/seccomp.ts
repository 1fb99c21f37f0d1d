// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Profile {
  readonly syscalls: readonly object[];
}

/**
 * Returns the seccomp profile of runs that may read the processor's counters: Docker's default
 * profile plus `perf_event_open`.
 *
 * @param rootDir Folder of the project, which has Docker's profile in dockerfiles/seccomp.
 * @returns JSON, as Docker's `seccomp=` takes it.
 */
export async function perfProfile(rootDir: string): Promise<string> {
  const profile = JSON.parse(
    await readFile(join(rootDir, 'dockerfiles/seccomp/default.json'), 'utf8'),
  ) as Profile;
  const perf = {
    names: ['perf_event_open'],
    action: 'SCMP_ACT_ALLOW',
    args: [],
    comment: 'counters of own processes',
    includes: {},
    excludes: {},
  };
  return JSON.stringify({ ...profile, syscalls: [...profile.syscalls, perf] });
}
