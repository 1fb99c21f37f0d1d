// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Returns the instructions that callgrind counted in the program that it was started with, as
 * digits; null without exactly one count.
 *
 * The output begins with valgrind's heading, before the program runs, so the heading has the
 * program's number. Valgrind prints `==pid== Collected : n` when a process ends. n has one number
 * per kind of event; the first is instructions. A program that prints such a line causes a second
 * count, and one that executes another program causes a second heading: neither is believed.
 */
export function callgrindInstructions(text: string): string | null {
  const pid = /^==(\d+)== Callgrind, /.exec(text)?.[1];
  if (pid === undefined) return null;
  const headings = [...text.matchAll(new RegExp(`^==${pid}== Callgrind, `, 'gm'))];
  const counts = [...text.matchAll(new RegExp(`^==${pid}== Collected : (.*)$`, 'gm'))];
  if (headings.length !== 1 || counts.length !== 1) return null;
  return /^(\d{1,18})\b/.exec(counts[0]![1]!)?.[1] ?? null;
}
