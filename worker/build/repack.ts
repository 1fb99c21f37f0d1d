// SPDX-License-Identifier: GPL-2.0-or-later
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { QibenchError } from '#contract/error.js';
import { lazyTar } from './lazy-tar.js';
import { entriesOf } from './tar.js';

/**
 * Modification time of every file. No program reads it, and tar-stream cannot write times after
 * 2038.
 */
export const TIME = new Date(0);

/** Limits of the files that pass. */
export interface RepackLimits {
  /** Name of the files in the error. */
  readonly what: string;
  /** Limit for all files together. */
  readonly bytes: number;
  /** Limit that the error names; default: `bytes`. */
  readonly shownBytes?: number;
  readonly entries: number;
  /** User and group that own the files; default: root. */
  readonly owner?: number;
}

/** Files on their way between containers. */
export interface Repacked {
  readonly tar: Readable;
  /** Bytes of all files, known after the tar was read. */
  bytes(): number;
}

/**
 * Repacks a tar from a container in which uploaded code may have run. Only files, folders, symbolic
 * links that stay inside, and hard links to files before them pass, owned by one user, without
 * setuid and similar bits, all with the same modification time. Reading the tar can fail:
 *
 * @param onEntry Sees every entry that passes; it may listen to the content.
 * @throws {TOO_LARGE} The entries exceed the limits.
 * @throws {DOCKER_FAILED} The tar is malformed.
 */
export function repack(
  stream: Readable,
  limits: RepackLimits,
  onEntry: (header: Header, content: NodeJS.ReadableStream) => void = () => undefined,
): Repacked {
  let bytes = 0;
  let entries = 0;
  const count = ({ size = 0 }: Header) => {
    bytes += size;
    entries += 1;
    if (bytes > limits.bytes || entries > limits.entries) throw tooLarge(limits);
  };
  const extract = tar.extract();
  const repacked = lazyTar(
    async (pack) => {
      const feeding = pipeline(stream, extract);
      feeding.catch((error: Error) => pack.destroy(error));
      await copy(extract, pack, count, limits.owner ?? 0, onEntry);
    },
    () => {
      extract.destroy();
      stream.destroy();
    },
  );
  return { tar: repacked, bytes: () => bytes };
}

/** Creates the error for files that exceed their limits. */
export function tooLarge({ what, bytes, shownBytes = bytes }: RepackLimits): QibenchError {
  return new QibenchError('TOO_LARGE', { what, limitBytes: shownBytes });
}

/** Returns whether a link stays below the tar's top level. The engine refuses a tar with another. */
function staysInside(name: string, target: string): boolean {
  return !/^\.\.(?:\/|$)/.test(posix.join(posix.dirname(name), target));
}

/** Header of an entry. */
export type Header = Parameters<tar.Pack['entry']>[0];

async function copy(
  extract: tar.Extract,
  pack: tar.Pack,
  count: (header: Header) => void,
  owner: number,
  onEntry: (header: Header, content: NodeJS.ReadableStream) => void,
): Promise<void> {
  const files = new Set<string>();
  for await (const entry of entriesOf(extract)) {
    const { name, type, size = 0, mode = 0, linkname } = entry.header;
    count(entry.header);
    const passes =
      type === 'file' ||
      type === 'directory' ||
      (type === 'symlink' && staysInside(name, linkname ?? '')) ||
      (type === 'link' && files.has(linkname ?? ''));
    if (!passes) {
      entry.resume();
      continue;
    }
    if (type === 'file') files.add(name);
    onEntry(entry.header, entry as unknown as NodeJS.ReadableStream);
    await pipeline(
      entry,
      pack.entry({
        name,
        type,
        size,
        mode: (mode & 0o777) | 0o444,
        mtime: TIME,
        linkname,
        uid: owner,
        gid: owner,
      }),
    );
  }
  pack.finalize();
}
