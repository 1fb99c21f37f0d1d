import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { takes, type FolderFile } from '../../client/folder.js';
import { QibenchError } from '../../contract/error.js';
import { UPLOAD_LIMITS } from '../../contract/upload.js';

/** Of a whole repository, unpacked: what is not asked for is read past. */
const TARBALL_LIMIT_BYTES = 512 * 1024 * 1024;

/** Folders of a repository's gzipped tar, by the field that names each: what lies in them, as uploads take it. Links are read past. Errors: TOO_LARGE, BAD_ARCHIVE; any other if the archive breaks off. */
export async function foldersIn(
  archive: ReadableStream,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, FolderFile[]>> {
  const extract = tar.extract();
  const [read, fed] = await Promise.allSettled([
    filesOf(extract, wanted),
    pipeline(Readable.fromWeb(archive as never), createGunzip(), counted, extract),
  ]);
  if (read.status === 'rejected') throw read.reason;
  if (fed.status === 'rejected') throw fed.reason;
  return read.value;
}

async function filesOf(
  extract: tar.Extract,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, FolderFile[]>> {
  const found = new Map<string, FolderFile[]>([...wanted.keys()].map((field) => [field, []]));
  let bytes = 0;
  for await (const entry of extract) {
    const path = entry.header.name.split('/').slice(1).join('/'); // below the folder that GitHub puts around
    const fields =
      entry.header.type === 'file'
        ? [...wanted].filter(
            ([field, folder]) =>
              path.startsWith(`${folder}/`) && takes(field, path.slice(folder.length + 1)),
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

/** All bytes, if they are not too many. Errors: TOO_LARGE. */
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
