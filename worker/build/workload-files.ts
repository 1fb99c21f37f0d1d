// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type tar from 'tar-stream';
import type { Upload } from '#contract/upload.js';
import { lazyTar } from './lazy-tar.js';
import { TIME } from './repack.js';

/** Files of an uploaded workload, which are too large for the memory. */
export interface WorkloadFiles {
  readonly files: Upload['files'];
  /** Reads the content of a file, piece by piece. */
  content(index: number): AsyncIterable<Buffer>;
}

/**
 * Packs the files of a workload into a tar while it is read. Every file is executable, because
 * uploads have no modes.
 *
 * @param prefix Folder of the files in the tar, which ends with `/`; empty: the top level.
 */
export function packWorkload(workload: WorkloadFiles, prefix: string, uid: number): Readable {
  return lazyTar((pack) => fill(pack, workload, prefix, uid));
}

async function fill(
  pack: tar.Pack,
  workload: WorkloadFiles,
  prefix: string,
  uid: number,
): Promise<void> {
  const owner = { mode: 0o755, uid, gid: uid, mtime: TIME };
  const folders = new Set<string>();
  for (const [index, { path, sizeBytes }] of workload.files.entries()) {
    const name = prefix + path;
    for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
      const folder = name.slice(0, at + 1);
      if (folders.has(folder)) continue;
      folders.add(folder);
      pack.entry({ name: folder, type: 'directory', ...owner });
    }
    await pipeline(
      Readable.from(workload.content(index)),
      pack.entry({ name, size: sizeBytes, ...owner }),
    );
  }
  pack.finalize();
}
