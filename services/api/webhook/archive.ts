// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { isUploadable, type FolderFile } from '#client/folder.js';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS } from '#contract/upload.js';

/** Limit for the whole unpacked repository, including the entries that are skipped. */
const TARBALL_LIMIT_BYTES = 512 * 1024 * 1024;

/**
 * Extracts folders from a repository's gzipped tar, filtered by the rules of uploads. Skips links.
 * @param wanted Folder by the job file's field that names it.
 * @returns Files by the same fields.
 * @throws {TOO_LARGE} when the repository or the extracted files exceed their limit.
 * @throws {BAD_ARCHIVE} when a folder has too many files.
 * @throws the stream's own error when the archive is cut off.
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
  const found = new Map<string, FolderFile[]>([...wanted.keys()].map((field) => [field, []]));
  let bytes = 0;
  for await (const entry of extract) {
    const path = entry.header.name.split('/').slice(1).join('/'); // drops GitHub's top-level folder
    const fields =
      entry.header.type === 'file'
        ? [...wanted].filter(
            ([field, folder]) =>
              path.startsWith(`${folder}/`) && isUploadable(field, path.slice(folder.length + 1)),
          )
        : [];
    if (fields.length === 0) {
      entry.resume();
      continue;
    }
    const content = await bounded(
      entry as AsyncIterable<Buffer>,
      UPLOAD_LIMITS.unpackedBytes - bytes,
      path,
    );
    bytes += content.length;
    for (const [field, folder] of fields) {
      found.get(field)!.push({ path: path.slice(folder.length + 1), content });
      if (found.get(field)!.length > UPLOAD_LIMITS.files)
        throw new QibenchError('BAD_ARCHIVE', {
          reason: `more than ${UPLOAD_LIMITS.files} files in ${folder}`,
        });
    }
  }
  return found;
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
 * @throws {TOO_LARGE} when the stream exceeds the limit.
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
