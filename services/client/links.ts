// SPDX-License-Identifier: GPL-2.0-or-later
import { isUploadable } from './folder.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

/** Entry of a folder to upload; `path` is relative to the folder. */
export type FolderEntry<T> =
  | { readonly path: string; readonly type: 'file'; readonly file: T }
  | { readonly path: string; readonly type: 'link'; readonly target: string }
  | { readonly path: string; readonly type: 'other'; readonly what: string };

const MOST_LINKS = 40;
/** Longest target of a link; Linux takes no longer path. */
const LONGEST_TARGET = 4_096;
/** Limit on the segments of paths that are looked up for a folder: links lead to links. */
const MOST_SEGMENTS = 200_000;
/** Limit on the paths of a folder, because links to folders of links multiply without a file. */
const MOST_PATHS = 10_000;

/**
 * Returns the uploadable files of a folder, with links replaced by the files and folders that they
 * point to.
 *
 * @param entries Every file, link and special file of the folder, at any depth; hidden ones too.
 * @param refuse Creates the error for an entry that cannot be uploaded, from a reason that names
 *   it.
 * @throws The error of `refuse`: a link leaves the folder, points to nothing or to a folder around
 *   it; an entry is neither file nor link; or there are more files than an upload may have, or more
 *   paths than MOST_PATHS, or the links are too long.
 */
export function followLinks<T>(
  field: string,
  entries: readonly FolderEntry<T>[],
  refuse: (reason: string) => Error,
): { readonly path: string; readonly file: T }[] {
  const odd = entries.find(({ path }) => /(?:^|\/)\.{0,2}(?:\/|$)/.test(path));
  if (odd !== undefined) throw refuse(`${odd.path} is not a plain relative path`);
  const long = entries.find(
    (entry) => entry.type === 'link' && entry.target.length > LONGEST_TARGET,
  );
  if (long !== undefined)
    throw refuse(`${long.path} is a link of more than ${LONGEST_TARGET} characters`);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const found: { path: string; file: T }[] = [];
  let paths = 0;
  let looked = 0;

  /** Returns the path without links that a path stands for; '' is the folder itself. */
  const resolve = (link: string, path: string): string => {
    const open = path.split('/').reverse();
    const done: string[] = [];
    for (let links = 0; open.length > 0;) {
      const segment = open.pop()!;
      if (++looked > MOST_SEGMENTS) throw refuse('its links are too long to follow');
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        if (done.pop() === undefined) throw refuse(`${link} is a link that leaves the folder`);
        continue;
      }
      const entry = byPath.get([...done, segment].join('/'));
      if (entry?.type !== 'link') {
        done.push(segment);
        continue;
      }
      if (entry.target.startsWith('/')) throw refuse(`${link} is a link that leaves the folder`);
      if (++links > MOST_LINKS) throw refuse(`${link} is a link that leads to itself`);
      open.push(...entry.target.split('/').reverse());
    }
    return done.join('/');
  };

  /** Collects an entry under the path that it is shown by. */
  const collect = (entry: FolderEntry<T>, shown: string, around: readonly string[]): void => {
    if (++paths > MOST_PATHS) throw refuse(`its links lead to more than ${MOST_PATHS} paths`);
    if (!isUploadable(field, shown)) return;
    if (entry.type === 'other') throw refuse(`${shown} is ${entry.what}, not a regular file`);
    if (entry.type === 'file') {
      found.push({ path: shown, file: entry.file });
      if (found.length > UPLOAD_LIMITS.files)
        throw refuse(`it has more than ${UPLOAD_LIMITS.files} files`);
      return;
    }
    const target = resolve(shown, entry.path);
    const pointed = byPath.get(target);
    if (pointed !== undefined) return collect(pointed, shown, around);
    if ([...around, ...foldersAround(entry.path)].includes(target))
      throw refuse(`${shown} is a link to a folder around it`);
    const inside = entries.filter(({ path }) => path.startsWith(`${target}/`));
    if (inside.length === 0)
      throw refuse(`${shown} is a link to ${entry.target}, which the folder lacks`);
    for (const one of inside)
      collect(one, `${shown}${one.path.slice(target.length)}`, [...around, target]);
  };
  for (const entry of entries) collect(entry, entry.path, []);
  return found;
}

/** Returns the folders that contain a path, the uploaded folder ('') included. */
function foldersAround(path: string): string[] {
  const segments = path.split('/');
  return segments.map((_, depth) => segments.slice(0, depth).join('/'));
}
