import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import { QibenchError } from '../../services/contract/error.js';
import { entriesOf } from './tar.js';

/** Of an installed QEMU, everything together. */
const INSTALLED_LIMIT_BYTES = 2 * 1024 ** 3;
const INSTALLED_ENTRIES = 20_000;
/** Of every file: nothing asks for it, and tar-stream writes times after 2038 as others. */
const TIME = new Date(0);

/** The name of a binary's link, given the binary's. */
export function linkName(binary: string, link: number): string {
  return `${binary}.${String(link).padStart(2, '0')}`;
}

export interface Installed {
  /** Files, folders and symbolic links, owned by root, without setuid and the like, all of one time. */
  readonly tar: Readable;
  /** SHA-256 of the binary, known once the tar has been read; null if there is no such file. */
  binaryDigest(): string | null;
  /** Files named like the binary with .00, .01 and so on behind, without a gap; known once the tar has been read. */
  links(): number;
}

/**
 * What a build installed, on its way from the container that compiled it, where uploaded code may have run, to the image
 * that runs are started from: only what a QEMU needs, with the digest of the binary that really is in it.
 * Errors while it is read: TOO_LARGE, DOCKER_FAILED.
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
