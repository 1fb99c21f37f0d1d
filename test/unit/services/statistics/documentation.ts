// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';

/** A page of the documentation, and the rows of its tables as text. */
export interface Page {
  readonly lines: readonly string[];
  /**
   * Returns the rows of the table whose head starts with these cells.
   * @throws {Error} The page has no such table.
   */
  table(...head: string[]): string[][];
  /** Returns the head of that table. */
  head(...head: string[]): string[];
}

export function pageOf(file: string): Page {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const cells = (line: string): string[] => line.slice(2, -2).split(' | ');
  const find = (head: readonly string[]): number => {
    const start = lines.findIndex((line) => `${line} `.startsWith(`| ${head.join(' | ')} | `));
    if (start < 0) throw new Error(`${file} has no table | ${head.join(' | ')} |`);
    return start;
  };
  return {
    lines,
    table(...head) {
      const start = find(head);
      const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
      return lines.slice(start + 2, end < 0 ? undefined : end).map(cells);
    },
    head: (...head) => cells(lines[find(head)]!),
  };
}
