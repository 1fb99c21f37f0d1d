// SPDX-License-Identifier: GPL-2.0-or-later

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

export interface PathLimits {
  readonly files: number;
  readonly depth: number;
}

/** Returns a path for an error message. */
export function shownPath(path: string): string {
  return JSON.stringify(path.slice(0, 100));
}

/**
 * Rules for the paths of an upload: plain relative names that stay distinct on a case-insensitive
 * file system.
 */
export class UploadPaths {
  readonly #seen = new Map<string, string>();

  constructor(private readonly limits: PathLimits) {}

  /** Returns the rule that a folder's path breaks; null if none. */
  brokenByFolder(path: string): string | null {
    const segments = path.split('/');
    if (segments.length > this.limits.depth)
      return `${shownPath(path)} is more than ${this.limits.depth} folders deep`;
    return segments.every((segment) => SEGMENT.test(segment))
      ? null
      : `${shownPath(path)} is not a plain relative name (letters, digits, _ . -)`;
  }

  /** Adds a file. Returns the rule that its path breaks; null if none. */
  add(path: string): string | null {
    const broken = this.brokenByFolder(path);
    if (broken !== null) return broken;
    if (this.#seen.has(path.toLowerCase())) return `${shownPath(path)} occurs twice`;
    this.#seen.set(path.toLowerCase(), path);
    return this.#seen.size > this.limits.files ? `more than ${this.limits.files} files` : null;
  }

  /** Returns the rule that all files together break; null if none. */
  broken(): string | null {
    const folders = new Set([...this.#seen.keys()].flatMap(foldersOf));
    const both = [...this.#seen].find(([key]) => folders.has(key));
    return both === undefined ? null : `${shownPath(both[1])} is a file and a folder`;
  }
}

/** Returns the parent folders of a path: `a` and `a/b` for `a/b/c`. */
function foldersOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}
