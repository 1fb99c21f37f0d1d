// SPDX-License-Identifier: GPL-2.0-or-later
import { execFile, execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const FROZEN_MS = 250;
const THAWED_MS = 50;

/** A file system that can be filled up and slowed down. */
export class SmallDisk {
  /** @param folder Its mount point. */
  private constructor(readonly folder: string) {}

  /** Creates one in a sparse file. */
  static inFile(folder: string, bytes: number): SmallDisk {
    mkdirSync(folder);
    const image = `${folder}.ext4`;
    closeSync(openSync(image, 'w'));
    truncateSync(image, bytes);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
    execFileSync('mount', ['-o', 'loop', image, folder]);
    return new SmallDisk(folder);
  }

  /** Fills the disk to the last byte. Returns a function that frees the space. */
  fill(): () => void {
    const file = join(this.folder, 'full');
    const { bavail, bsize } = statfsSync(this.folder);
    const most = Math.max(bavail * bsize - 4 * 1024 ** 2, 0);
    try {
      // writing 20 GiB would take a minute
      execFileSync('fallocate', ['-l', String(most), file], { stdio: 'ignore' });
    } catch {
      // another writer was quicker: the rest is taken below
    }
    const descriptor = openSync(file, 'a');
    const block = Buffer.alloc(1024 ** 2);
    for (let bytes = block.length; bytes >= 1;) {
      try {
        writeSync(descriptor, block, 0, bytes);
      } catch {
        bytes = Math.floor(bytes / 2);
      }
    }
    closeSync(descriptor);
    return () => rmSync(file);
  }

  /** Makes every write wait: most of the time the file system is frozen. */
  async slow(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs) {
      await run('fsfreeze', ['--freeze', this.folder]);
      try {
        await after(FROZEN_MS);
      } finally {
        await run('fsfreeze', ['--unfreeze', this.folder]);
      }
      await after(THAWED_MS);
    }
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder]);
  }
}
