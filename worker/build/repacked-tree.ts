// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { digestOfValue } from './digest.js';
import { repack } from './repack.js';

/** Limits of a source tree; QEMU 10.2 with its subprojects has 14,000 entries and 0.5 GB. */
const LIMITS = { what: 'the source tree', bytes: 4 * 1024 ** 3, entries: 200_000 };
/** User that owns and builds the tree. */
const OWNER = 1000;

/** A source tree on its way between containers. */
export interface RepackedTree {
  readonly tar: Readable;
  /**
   * Digest of the tree's paths, contents, executable bits and links, known after the tar was read.
   * Folders count: an empty .git changes what configure does.
   */
  digest(): string;
}

/**
 * Repacks a source tree from the container that fetched it. Reading the tar can fail:
 *
 * @throws {TOO_LARGE} The tree exceeds the limits.
 * @throws {DOCKER_FAILED} The tar is malformed.
 */
export function repackTree(stream: Readable): RepackedTree {
  const entries: { readonly path: string; readonly what: string; content(): string }[] = [];
  const { tar } = repack(stream, { ...LIMITS, owner: OWNER }, (header, content) => {
    const { name: path, type, mode = 0, linkname } = header;
    if (type !== 'file') {
      entries.push({ path, what: type!, content: () => linkname ?? '' });
      return;
    }
    const hash = createHash('sha256');
    content.on('data', (chunk: Buffer) => hash.update(chunk));
    const what = (mode & 0o100) === 0 ? 'file' : 'program';
    entries.push({ path, what, content: () => hash.digest('hex') });
  });
  return {
    tar,
    digest: () => {
      const sorted = entries.sort((a, b) => (a.path < b.path ? -1 : 1));
      const listed = sorted.map(({ path, what, content }) => [path, what, content()]);
      return `sha256:${digestOfValue(listed)}`;
    },
  };
}
