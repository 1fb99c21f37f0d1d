// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { QibenchError } from '#contract/error.js';
import { UPLOAD_LIMITS, isPatch } from '#contract/upload.js';
import { shownPath, UploadPaths } from '#domain/upload-paths.js';

export interface CleanArchive {
  readonly digest: string;
  readonly files: { path: string; sizeBytes: number }[];
  readonly tar: Buffer;
}

/**
 * Validates an uploaded tar in memory, without touching the disk, and packs it anew.
 * Accepts only regular files and folders with plain relative names that stay distinct on a
 * case-insensitive file system. Enforces all limits while reading.
 * @throws {BAD_ARCHIVE} An entry breaks a rule; the message names both.
 */
export async function cleanArchive(packed: Buffer): Promise<CleanArchive> {
  const refuse = (reason: string) => new QibenchError('BAD_ARCHIVE', { reason });
  const files = new Map<string, Buffer>();
  const paths = new UploadPaths(UPLOAD_LIMITS);
  let bytes = 0;
  const extract = tar.extract();
  Readable.from([packed]).pipe(extract);
  try {
    for await (const entry of extract) {
      const { type } = entry.header;
      const path = entry.header.name.replace(/^\.\//, '').replace(/\/$/, '');
      const shown = shownPath(path);
      if (type !== 'file' && type !== 'directory')
        throw refuse(`${shown} is a ${type}; only regular files and folders are accepted`);
      // tar-stream waits forever for the end of an entry whose size it could not parse.
      if (!Number.isSafeInteger(entry.header.size)) throw refuse(`${shown} has no size`);
      if (type === 'directory' && (path === '.' || path === '')) {
        entry.resume();
        continue;
      }
      const broken = type === 'directory' ? paths.brokenByFolder(path) : paths.add(path);
      if (broken !== null) throw refuse(broken);
      if (type === 'directory') {
        entry.resume();
        continue;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > UPLOAD_LIMITS.unpackedBytes)
          throw refuse(`more than ${UPLOAD_LIMITS.unpackedBytes} bytes unpacked`);
        chunks.push(chunk);
      }
      files.set(path, Buffer.concat(chunks));
    }
  } catch (error) {
    if (error instanceof QibenchError) throw error;
    throw refuse(`it is not a tar (${error instanceof Error ? error.message : String(error)})`);
  }
  const names = [...files.keys()];
  const broken = paths.broken();
  if (broken !== null) throw refuse(broken);
  const patches = names.filter(isPatch).length;
  const isCode = names.some((path) => /^[^/]+\.c$/.test(path) || path === 'Makefile');
  if (!isCode && patches > 0 && patches < names.length)
    throw refuse('a patch series may have only *.patch, *.diff and *.mbox files, at its top level');
  if (!isCode && patches === 0)
    throw refuse(
      'it has neither a C source nor a Makefile at its top level, and is not a patch series',
    );
  return repack(files);
}

async function repack(files: ReadonlyMap<string, Buffer>): Promise<CleanArchive> {
  const pack = tar.pack();
  const hash = createHash('sha256');
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, content] of sorted) {
    hash.update(`${path}\0${content.length}\0`).update(content);
    pack.entry({ name: path, mode: 0o644, mtime: new Date(0) }, content);
  }
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    digest: `sha256:${hash.digest('hex')}`,
    files: sorted.map(([path, content]) => ({ path, sizeBytes: content.length })),
    tar: Buffer.concat(chunks),
  };
}
