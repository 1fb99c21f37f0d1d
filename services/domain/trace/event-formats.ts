// SPDX-License-Identifier: GPL-2.0-or-later
/** Longest format that is returned; the list may come from a tree with untrusted patches. */
const MAX_FORMAT = 1_000;

/**
 * Returns the format strings of events, by name, from the text of a trace-events-all: lines
 * `[properties] name(arguments) "format"`. A format is C source: literals, and macros like PRIx64
 * between them. Leaves out events without a format.
 */
export function formatsOf(eventsFile: string, names: ReadonlySet<string>): Map<string, string> {
  const formats = new Map<string, string>();
  for (const line of eventsFile.split('\n')) {
    const open = line.indexOf('(');
    if (open < 0 || line.startsWith('#')) continue;
    const name = line.slice(line.lastIndexOf(' ', open) + 1, open);
    if (!names.has(name)) continue;
    const format = line.slice(line.indexOf(')', open) + 1).trim();
    if (format.startsWith('"') && format.length <= MAX_FORMAT) formats.set(name, format);
  }
  return formats;
}
