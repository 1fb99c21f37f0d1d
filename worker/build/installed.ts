// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import { QibenchError } from '#contract/error.js';
import { entriesOf } from './tar.js';

/** Limit for all files of an installed QEMU together. */
const INSTALLED_LIMIT_BYTES = 2 * 1024 ** 3;
const INSTALLED_ENTRIES = 20_000;
/**
 * Modification time of every file. No program reads it, and tar-stream cannot write times after
 * 2038.
 */
const TIME = new Date(0);

/** Returns the file name of one link of a binary, for example `qemu-x86_64.03`. */
export function linkName(binary: string, link: number): string {
  return `${binary}.${String(link).padStart(2, '0')}`;
}

/** An installed QEMU, repacked for the image that runs it. */
export interface Installed {
  /**
   * Files, folders and symbolic links, owned by root, without setuid and similar bits, all with the
   * same modification time.
   */
  readonly tar: Readable;
  /** SHA-256 of the binary, known after the tar was read; null if the file is missing. */
  binaryDigest(): string | null;
  /**
   * Number of links (`NAME.00`, `NAME.01`, …) before the first gap, known after the tar was read.
   */
  links(): number;
}

/**
 * Repacks an installed QEMU between the container that compiled it and the image that runs use.
 * Uploaded code may have run in that container, so only entries that a QEMU needs pass, and the
 * digest is taken from the binary that is copied. Reading the tar can fail:
 *
 * @throws {TOO_LARGE} The entries exceed the limits.
 * @throws {DOCKER_FAILED} The tar is malformed.
 */
export function installedFiles(stream: Readable, binary: string): Installed {
  const extract = tar.extract();
  const pack = tar.pack();
  const hash = createHash('sha256');
  let found = false;
  const files = new Set<string>();
  let bytes = 0;
  let entries = 0;
  const copying = (async () => {
    for await (const entry of entriesOf(extract)) {
      const { name, type, size = 0, mode = 0, linkname } = entry.header;
      bytes += size;
      entries += 1;
      if (bytes > INSTALLED_LIMIT_BYTES || entries > INSTALLED_ENTRIES)
        throw new QibenchError('TOO_LARGE', {
          what: 'the installed QEMU',
          limitBytes: INSTALLED_LIMIT_BYTES,
        });
      if (type !== 'file' && type !== 'directory' && type !== 'symlink') {
        entry.resume();
        continue;
      }
      if (type === 'file') files.add(name);
      const isBinary = type === 'file' && name === binary;
      found ||= isBinary;
      if (isBinary) entry.on('data', (chunk) => hash.update(chunk as Buffer));
      await pipeline(
        entry,
        pack.entry({
          name,
          type,
          size,
          mode: (mode & 0o777) | 0o444,
          mtime: TIME,
          linkname,
          uid: 0,
          gid: 0,
        }),
      );
    }
    pack.finalize();
  })();
  copying.catch((error: Error) => pack.destroy(error));
  pipeline(stream, extract).catch((error: Error) => pack.destroy(error));
  let digest: string | null = null;
  return {
    tar: pack as unknown as Readable,
    links: () => {
      let links = 0;
      while (files.has(linkName(binary, links))) links += 1;
      return links;
    },
    binaryDigest: () => (found ? (digest ??= `sha256:${hash.digest('hex')}`) : null),
  };
}
