// SPDX-License-Identifier: GPL-2.0-or-later

/** Functions of one run with their own cost, and the calls between them. */
export interface CallGraph {
  readonly functions: readonly GraphFunction[];
  readonly calls: readonly GraphCall[];
}

/** A function, or code that QEMU has translated. */
export interface GraphFunction {
  readonly name: string;
  /** Path of the program or library; empty for translated code. */
  readonly object: string;
  /** Source file as the debug information has it; empty: unknown. */
  readonly file: string;
  /** Cost by source file: its own, and the files of code that the compiler inlined. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly file: string;
  readonly lines: readonly LineCost[];
}

/** Cost of a source line; line 0: unknown. */
interface LineCost {
  readonly line: number;
  readonly self: number;
}

/** All calls from one function to another. */
interface GraphCall {
  /** Indices of functions. */
  readonly caller: number;
  readonly callee: number;
  /** Cost of the callee during these calls, with everything that it called. */
  readonly cost: number;
}

/** Name of the code that QEMU has translated, where its guest address is unknown. */
export const TRANSLATED_CODE = 'translated code';

/** Start of the name of a translated block whose guest address is known. */
const GUEST_BLOCK = 'guest-0x';

export function isTranslated({ name, object }: Pick<GraphFunction, 'name' | 'object'>): boolean {
  return object === '' && (name === TRANSLATED_CODE || name.startsWith(GUEST_BLOCK));
}

/** Folders of our builds that source paths are relative to (worker/step-context.ts). */
const ROOTS = /^(?:.*\/qemu\/(?:src|build)\/|(?:\.\.\/)*src\/|\.\.\/|\.\/)/;

/** Returns a source path as it is in QEMU's source, or in the folder of an upload. */
export function sourcePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.replace(ROOTS, '').split('/'))
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && (part !== '' || parts.length === 0)) parts.push(part);
  return parts
    .join('/')
    .replace(ROOTS, '')
    .replace(/^\/qemu\//, '');
}
