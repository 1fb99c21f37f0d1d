// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { FolderFile } from '#client/folder.js';
import { followLinks, type FolderEntry } from '#client/links.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

/**
 * Reads the files of a folder that are uploaded. Follows links within the folder.
 * @param field Field of the job file that names the folder.
 * @param refuse Creates the error for an entry that cannot be uploaded.
 * @throws The error of `refuse`: a link leaves the folder or points to nothing, an entry is not a
 *   regular file, or the folder exceeds the limits of uploads.
 */
export async function readFolder(
  folder: string,
  field: string,
  refuse: (reason: string) => Error,
): Promise<FolderFile[]> {
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
  const files = followLinks(field, found, refuse);
  const sizes = await Promise.all(files.map(async ({ file }) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes > UPLOAD_LIMITS.unpackedBytes)
    throw refuse(`it has ${bytes} bytes; at most ${UPLOAD_LIMITS.unpackedBytes} can be uploaded`);
  return Promise.all(
    files.map(async ({ path, file }) => ({ path, content: await readFile(file) })),
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
