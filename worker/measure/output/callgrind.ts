// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Returns the instructions that callgrind counted in the process that ended last, as digits; null
 * if the output has no count.
 *
 * Valgrind prints `==pid== Collected : n` when a process ends, after the process's own output. n
 * has one number per kind of event; the first is instructions.
 */
export function callgrindInstructions(text: string): string | null {
  return [...text.matchAll(/^==\d+== Collected : (\d{1,18})\b/gm)].at(-1)?.[1] ?? null;
}
