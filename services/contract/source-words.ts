// SPDX-License-Identifier: GPL-2.0-or-later
import type { PinnedSource } from './source.js';

/** Length of a shown commit or digest. */
const SHORT = 12;

/** Returns a source as a few words: `gitlab.com/qemu-project/qemu@1f0e2d3c4b5a`. */
export function sourceWords(source: PinnedSource): string {
  if ('debian' in source) return `Debian ${source.debian}`;
  if ('git' in source)
    return `${withoutScheme(source.git).replace(/\.git$/, '')}@${source.commit.slice(0, SHORT)}`;
  if ('tarball' in source) return withoutScheme(source.tarball);
  return `upload ${source.upload.slice('sha256:'.length).slice(0, SHORT)}`;
}

function withoutScheme(address: string): string {
  return address.replace(/^[a-z]+:\/\//, '');
}
