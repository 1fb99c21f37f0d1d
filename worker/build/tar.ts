// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { QibenchError } from '#contract/error.js';
import { folderFiles } from './digest.js';

/** A file to pack; `path` is relative. */
export interface TarFile {
  readonly path: string;
  readonly content: Buffer | string;
  readonly executable?: boolean;
}

/** An uploaded folder: hostile code to be compiled in a container. */
export interface UploadedFolder {
  readonly digest: string;
  readonly files: readonly TarFile[];
}

/**
 * Packs files and their parent folders into a tar, owned by `uid`. Modification times are now,
 * because make and ninja compare times.
 */
export function packFiles(files: readonly TarFile[], uid = 0): Readable {
  const pack = tar.pack();
  const mtime = new Date();
  const folders = new Set<string>();
  for (const { path, content, executable } of files) {
    const segments = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= segments.length; depth++) {
      const name = segments.slice(0, depth).join('/');
      if (folders.has(name)) continue;
      folders.add(name);
      pack.entry({ name: `${name}/`, type: 'directory', mode: 0o755, uid, gid: uid, mtime });
    }
    pack.entry({ name: path, mode: executable ? 0o755 : 0o644, uid, gid: uid, mtime }, content);
  }
  pack.finalize();
  return Readable.from(pack as AsyncIterable<Buffer>);
}

/** Reads all files of a folder and prefixes each path. */
export async function readFolder(folder: string, prefix = ''): Promise<TarFile[]> {
  return Promise.all(
    (await folderFiles(folder)).map(async (path) => ({
      path: prefix + path,
      content: await readFile(join(folder, path)),
      executable: ((await stat(join(folder, path))).mode & 0o100) !== 0,
    })),
  );
}

/**
 * Reads all bytes of a stream.
 * @throws {TOO_LARGE} The stream has more than `limitBytes`.
 */
export async function readStream(
  stream: AsyncIterable<unknown>,
  what: string,
  limitBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop ends the stream.
    if (bytes > limitBytes) throw new QibenchError('TOO_LARGE', { what, limitBytes });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Entry = tar.Extract extends AsyncIterable<infer One> ? One : never;

/**
 * Iterates over the entries of a tar from a container; the caller reads or resumes each one. The
 * tar is hostile. tar-stream waits for ever for an entry whose size it cannot read, and for a
 * folder or link with a size. A name with a NUL would become another name in the next tar.
 *
 * @throws {DOCKER_FAILED} The tar has such an entry.
 */
export async function* entriesOf(extract: tar.Extract): AsyncGenerator<Entry> {
  for await (const entry of extract) {
    const { name, type, size, linkname } = entry.header;
    if (`${name}${linkname ?? ''}`.includes('\0'))
      throw new QibenchError('DOCKER_FAILED', {
        operation: 'to copy from a container',
        reason: `its tar has a NUL in the name ${JSON.stringify(name.slice(0, 100))}`,
      });
    if (!Number.isSafeInteger(size) || (type !== 'file' && size !== 0))
      throw new QibenchError('DOCKER_FAILED', {
        operation: 'to copy from a container',
        reason: `its tar has ${JSON.stringify(name.slice(0, 100))}, a ${type} of ${size} bytes`,
      });
    yield entry;
  }
}

/**
 * Returns the content of one regular file in a tar from a container; null if it is missing. Reads
 * the tar to its end.
 *
 * @throws {TOO_LARGE} The file has more than `limitBytes`.
 */
export async function fileFromTar(
  stream: Readable,
  name: string,
  limitBytes: number,
): Promise<{ content: Buffer } | null> {
  const extract = tar.extract();
  let found: { content: Buffer } | null = null;
  const reading = (async () => {
    for await (const entry of entriesOf(extract)) {
      if (entry.header.type === 'file' && entry.header.name.replace(/^\.\//, '') === name)
        found = { content: await readStream(entry, name, limitBytes) };
      else entry.resume();
    }
  })();
  await settleBoth(pipeline(stream, extract), reading);
  return found;
}

/** Prefers the reader's error: a failed reader also breaks the pipe. */
async function settleBoth(piping: Promise<void>, reading: Promise<void>): Promise<void> {
  const [piped, read] = await Promise.allSettled([piping, reading]);
  if (read.status === 'rejected') throw read.reason;
  if (piped.status === 'rejected') throw piped.reason;
}
