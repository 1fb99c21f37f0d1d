// SPDX-License-Identifier: GPL-2.0-or-later
import { followLinks, type FolderEntry } from '#client/links.js';
import { decodeText } from '#client/text.js';
import { isUploadable } from '#client/folder.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';
import { check, declares, outcome, type Target } from '../target.js';

class Refused extends Error {}
/** Words that tell the reasons of a refusal apart, without the names in them. */
const KINDS =
  /leaves|itself|around it|which the folder lacks|plain relative|not a regular|more than/;

/** Reads a folder's entries, a line each: `path`, `path -> target` or `path |` for a pipe. */
function entriesOf(text: string): FolderEntry<string>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): FolderEntry<string> => {
      const [path, target] = line.split(' -> ') as [string, string?];
      if (target !== undefined) return { path, type: 'link', target };
      if (path.endsWith(' |')) return { path: path.slice(0, -2), type: 'other', what: 'a pipe' };
      return { path, type: 'file', file: path };
    });
}

export const folderLinks: Target = {
  name: 'folder-links',
  dictionary: ['\n', ' -> ', ' |', '/', '..', '.', './', '../', 'a', 'b/c', 'a.patch', '.git'],
  run: (input) => {
    const entries = entriesOf(input.toString('utf8'));
    return outcome(
      () =>
        ['instrumentation', 'qemu.patches'].map((field) => ({
          field,
          files: followLinks(
            field,
            entries,
            (reason) => new Refused(KINDS.exec(reason)?.[0] ?? 'other'),
          ),
        })),
      declares(Refused),
      (uploads) => {
        const paths = new Set(entries.flatMap((one) => (one.type === 'file' ? [one.path] : [])));
        for (const { field, files } of uploads) {
          check(files.length <= UPLOAD_LIMITS.files, 'links do not exceed the limit of files');
          check(
            files.every(({ path, file }) => isUploadable(field, path) && paths.has(file)),
            'every file is uploadable and one of the folder',
          );
        }
        return uploads.map(({ files }) => Math.min(files.length, 4)).join();
      },
    );
  },
};

export const textFile: Target = {
  name: 'text-file',
  dictionary: [
    Buffer.from([0xff, 0xfe]),
    Buffer.from([0xfe, 0xff]),
    Buffer.from([0xef, 0xbb, 0xbf]),
    Buffer.from([0xed, 0xa0, 0x80]),
    '\0',
    '{}',
    'ö',
  ],
  run: (input) =>
    outcome(
      () => decodeText(input),
      declares(Error),
      (text) => {
        check(!/\p{Surrogate}/u.test(text), 'a text has no half of a surrogate pair');
        return `text ${Math.min(text.length, 4)}`;
      },
    ),
};
