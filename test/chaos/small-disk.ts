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

/** A file system of its own that can be filled up. */
export class SmallDisk {
  /** @param folder where it is mounted */
  private constructor(readonly folder: string) {}

  /** In memory. */
  static inMemory(folder: string, bytes: number): SmallDisk {
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'qibench-chaos', folder]);
    return new SmallDisk(folder);
  }

  /** In a file, which takes as much room as is used. */
  static inFile(folder: string, bytes: number): SmallDisk {
    mkdirSync(folder);
    const image = `${folder}.ext4`;
    closeSync(openSync(image, 'w'));
    truncateSync(image, bytes);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
    execFileSync('mount', ['-o', 'loop', image, folder]);
    return new SmallDisk(folder);
  }

  /** Leave no byte. Returns what gives the room back. */
  fill(): () => void {
    const file = join(this.folder, 'full');
    const { bavail, bsize } = statfsSync(this.folder);
    const most = Math.max(bavail * bsize - 4 * 1024 ** 2, 0);
    try {
      execFileSync('fallocate', ['-l', String(most), file], { stdio: 'ignore' }); // writing 20 GiB would take a minute
    } catch {
      // something else was quicker: what there is left is taken below
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
