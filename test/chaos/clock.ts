// SPDX-License-Identifier: GPL-2.0-or-later
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, installPackages } from '#support/debian-tools.js';

/**
 * A program's own clock, by libfaketime: the time of day can be set, and monotonic clocks continue.
 */
export interface OwnClock {
  readonly environment: NodeJS.ProcessEnv;
  /** Sets the seconds by which it differs from the machine's clock. */
  set(aheadSeconds: number): void;
}

let library: Promise<string> | null = null;

async function faketime(): Promise<string> {
  await installPackages('libfaketime');
  const { stdout } = await execute('dpkg', ['-L', 'libfaketime']);
  return stdout.split('\n').find((path) => path.endsWith('/libfaketimeMT.so.1'))!;
}

export async function ownClock(folder: string, name: string): Promise<OwnClock> {
  const file = join(folder, `${name}.clock`);
  const set = (aheadSeconds: number) =>
    writeFileSync(file, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}s\n`);
  set(0);
  return {
    environment: {
      LD_PRELOAD: await (library ??= faketime()),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}
