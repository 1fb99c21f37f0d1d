// SPDX-License-Identifier: GPL-2.0-or-later
import { posix } from 'node:path';
import type { ErrorBody } from '#contract/error.js';
import { isPlain } from './settings.js';

/** A compiler diagnostic with its place in the repository. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const PLACE = /^(.+):(\d+)$/;

/**
 * Returns the compiler diagnostics in the instrumentation's files, with paths relative to the
 * repository. Diagnostics elsewhere (QEMU's headers, a symbol) are left out.
 */
export function annotationsOf(
  { code, details }: Pick<ErrorBody, 'code' | 'details'>,
  folder: string | null,
): Annotation[] {
  if (code !== 'COMPILE_FAILED' || folder === null) return [];
  return details.flatMap(({ path, message }) => {
    const [, file, line] = PLACE.exec(path) ?? [];
    if (file === undefined || !isPlain(file)) return [];
    return [
      {
        path: posix.join(folder, file),
        line: Math.max(1, Number(line)),
        message: message.slice(0, 2_000),
      },
    ];
  });
}
