// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';

/**
 * Claims the data folder for this process, since two servers on the same files would destroy them.
 * The claim is a lock of the kernel on the pid file, so it ends with this process in any case.
 *
 * @returns Function that ends the claim.
 * @throws {SERVICE_RUNS} Another service uses the folder.
 */
export async function claimFolder(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, 'qibench.pid');
  for (;;) {
    const file = await open(path, 'a+', 0o644);
    if (!lock(file)) {
      await file.close();
      throw new QibenchError('SERVICE_RUNS', { dataDir, pid: await holderOf(path) });
    }
    // An ending service may have removed the file between the two calls.
    const [locked, named] = [await file.stat(), await stat(path).catch(() => null)];
    if (named?.ino !== locked.ino) {
      await file.close();
      continue;
    }
    await file.truncate();
    await file.write(String(process.pid));
    return async () => {
      await rm(path, { force: true });
      await file.close();
    };
  }
}

/** Locks with flock(1), which locks the descriptor that this process opened and shares with it. */
function lock(file: FileHandle): boolean {
  const { status, error } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', file.fd],
  });
  if (error !== undefined)
    throw new QibenchError('BAD_SETTING', {
      setting: 'PATH',
      reason: `flock(1) of util-linux cannot be run: ${error.message}`,
    });
  return status === 0;
}

async function holderOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')) || 'that starts now';
}
