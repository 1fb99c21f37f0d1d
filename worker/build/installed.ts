// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { repack } from './repack.js';

const LIMITS = { what: 'the installed QEMU', bytes: 2 * 1024 ** 3, entries: 20_000 };

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
  const hash = createHash('sha256');
  const files = new Set<string>();
  const { tar } = repack(stream, LIMITS, ({ name, type }, content) => {
    if (type !== 'file') return;
    files.add(name);
    if (name === binary) content.on('data', (chunk: Buffer) => hash.update(chunk));
  });
  let digest: string | null = null;
  return {
    tar,
    links: () => {
      let links = 0;
      while (files.has(linkName(binary, links))) links += 1;
      return links;
    },
    binaryDigest: () => (files.has(binary) ? (digest ??= `sha256:${hash.digest('hex')}`) : null),
  };
}
