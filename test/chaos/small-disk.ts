// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
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

/** A file system that can be filled up. */
export class SmallDisk {
  /** @param folder Its mount point. */
  private constructor(readonly folder: string) {}

  /** Creates one in memory. */
  static inMemory(folder: string, bytes: number): SmallDisk {
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'qibench-chaos', folder]);
    return new SmallDisk(folder);
  }

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

  unmount(): void {
    execFileSync('umount', ['-l', this.folder]);
  }
}
