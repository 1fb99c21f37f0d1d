// SPDX-License-Identifier: GPL-2.0-or-later
import tar from 'tar-stream';
import { isPatch } from '#contract/upload.js';

/** File of a folder to upload; `path` is relative to the folder. */
export interface FolderFile {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Returns whether an upload includes a file of its folder. Hidden files are excluded. A folder of
 * patches may hold notes, so for patches only patch files are included.
 */
export function isUploadable(field: string, path: string): boolean {
  return (
    !path.split('/').some((segment) => segment.startsWith('.')) &&
    (!field.endsWith('patches') || isPatch(path))
  );
}

/** Packs the tar for `POST /v1/uploads`. The same files give the same bytes. */
export async function packFiles(files: readonly FolderFile[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    pack.entry({ name: path, mode: 0o644, mtime: new Date(0) }, content);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
