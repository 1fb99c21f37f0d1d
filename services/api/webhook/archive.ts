// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { isUploadable, type FolderFile } from '#client/folder.js';
import { followLinks, type FolderEntry } from '#client/links.js';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

/** Limit for the whole unpacked repository, including the entries that are skipped. */
const TARBALL_LIMIT_BYTES = 512 * 1024 * 1024;

/** Limit on the files and links of a folder, hidden links included. */
const MOST_ENTRIES = 1024;

/**
 * Extracts folders from a repository's gzipped tar, filtered by the rules of uploads. Follows
 * links within a folder to files and folders that are uploaded.
 * @param wanted Folder by the job file's field that names it.
 * @returns Files by the same fields.
 * @throws {TOO_LARGE} The repository or the extracted files exceed their limit.
 * @throws {BAD_ARCHIVE} A folder has too many files, is itself a link, or has a link that
 *   leaves it or points to nothing.
 * @throws The stream's own error when the archive is cut off.
 */
export async function foldersIn(
  archive: ReadableStream,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, FolderFile[]>> {
  const extract = tar.extract();
  const [read, fed] = await Promise.allSettled([
    extractFiles(extract, wanted),
    pipeline(Readable.fromWeb(archive as never), createGunzip(), counted, extract),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (fed.status === 'rejected') throw fed.reason;
  return read.value;
}

async function extractFiles(
  extract: tar.Extract,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, FolderFile[]>> {
  const found = new Map<string, FolderEntry<Buffer>[]>(
    [...wanted.keys()].map((field) => [field, []]),
  );
  let bytes = 0;
  for await (const entry of extract) {
    const { name, type, linkname } = entry.header;
    const path = name.split('/').slice(1).join('/'); // drops GitHub's top-level folder
    const fields = [...wanted].filter(([, folder]) => path.startsWith(`${folder}/`));
    if (type === 'symlink') {
      refuseLinkedFolder(path, wanted);
      add(found, fields, path, (own) => ({ path: own, type: 'link', target: linkname ?? '' }));
    }
    const uploaded = fields.filter(([field, folder]) =>
      isUploadable(field, path.slice(folder.length + 1)),
    );
    if (type !== 'file' || uploaded.length === 0) {
      entry.resume();
      continue;
    }
    const content = await bounded(
      entry as AsyncIterable<Buffer>,
      UPLOAD_LIMITS.unpackedBytes - bytes,
      path,
    );
    bytes += content.length;
    add(found, uploaded, path, (own) => ({ path: own, type: 'file', file: content }));
  }
  return new Map(
    [...found].map(([field, entries]) => [
      field,
      followLinks(field, entries, (reason) => refuse(`${wanted.get(field)!}: ${reason}`)).map(
        ({ path, file }) => ({ path, content: file }),
      ),
    ]),
  );
}

const refuse = (reason: string): QibenchError => new QibenchError('BAD_ARCHIVE', { reason });

function refuseLinkedFolder(path: string, wanted: ReadonlyMap<string, string>): void {
  const linked = [...wanted.values()].find((folder) => `${folder}/`.startsWith(`${path}/`));
  if (linked !== undefined)
    throw refuse(`${linked}: ${path} is a link; name the folder that it points to`);
}

function add(
  found: ReadonlyMap<string, FolderEntry<Buffer>[]>,
  fields: readonly (readonly [string, string])[],
  path: string,
  entryAt: (path: string) => FolderEntry<Buffer>,
): void {
  for (const [field, folder] of fields) {
    const entries = found.get(field)!;
    entries.push(entryAt(path.slice(folder.length + 1)));
    if (entries.filter(({ type }) => type === 'file').length > UPLOAD_LIMITS.files)
      throw refuse(`more than ${UPLOAD_LIMITS.files} files in ${folder}`);
    if (entries.length > MOST_ENTRIES)
      throw refuse(`more than ${MOST_ENTRIES} files and links in ${folder}`);
  }
}

async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > TARBALL_LIMIT_BYTES)
      throw new QibenchError('TOO_LARGE', {
        what: 'the repository',
        limitBytes: TARBALL_LIMIT_BYTES,
      });
    yield chunk;
  }
}

/**
 * Reads a stream into a buffer.
 * @throws {TOO_LARGE} The stream exceeds the limit.
 */
export async function bounded(
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
  what: string,
): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new QibenchError('TOO_LARGE', { what, limitBytes });
    all.push(chunk);
  }
  return Buffer.concat(all);
}
