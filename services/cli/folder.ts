// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { FolderFile } from '#client/folder.js';
import { followLinks, type FolderEntry } from '#client/links.js';
import { uploadLimits } from '#contract/workload-upload.js';

/** A file on the disk that is uploaded; `path` is relative to its folder. */
export interface ListedFile {
  readonly path: string;
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * Lists the files of a folder that are uploaded. Follows links within the folder.
 * @param field Field of the job file that names the folder.
 * @param refuse Creates the error for an entry that cannot be uploaded.
 * @throws The error of `refuse`: a link leaves the folder or points to nothing, an entry is not a
 *   regular file, or the folder exceeds the limits of uploads.
 */
export async function listFolder(
  folder: string,
  field: string,
  refuse: (reason: string) => Error,
): Promise<ListedFile[]> {
  const root = await realpath(folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry): Promise<FolderEntry<string>> => {
        const full = join(entry.parentPath, entry.name);
        const path = relative(root, full);
        if (entry.isFile()) return { path, type: 'file', file: full };
        if (entry.isSymbolicLink())
          return { path, type: 'link', target: relativeTarget(root, path, await readlink(full)) };
        return { path, type: 'other', what: 'a socket, pipe or device' };
      }),
  );
  const files = await Promise.all(
    followLinks(field, found, refuse).map(async ({ path, file }) => ({
      path,
      file,
      sizeBytes: (await stat(file)).size,
    })),
  );
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { unpackedBytes } = uploadLimits(field);
  if (bytes > unpackedBytes)
    throw refuse(`it has ${bytes} bytes; at most ${unpackedBytes} can be uploaded`);
  return files;
}

/** Reads the files of a folder that are uploaded, by the rules of `listFolder`. */
export async function readFolder(...folder: Parameters<typeof listFolder>): Promise<FolderFile[]> {
  return Promise.all(
    (await listFolder(...folder)).map(async ({ path, file }) => ({
      path,
      content: await readFile(file),
    })),
  );
}

/** Rewrites an absolute target within the folder as a relative one. */
function relativeTarget(root: string, path: string, target: string): string {
  if (!isAbsolute(target)) return target;
  const inside = relative(root, target);
  return inside.startsWith('..')
    ? target
    : join(
        ...path
          .split('/')
          .slice(1)
          .map(() => '..'),
        inside,
      );
}
