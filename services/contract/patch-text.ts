// SPDX-License-Identifier: GPL-2.0-or-later

const COMPLAINT = /FAILED|malformed|can't find|garbage|Ignoring|previously applied|outside/i;
/** Says no more than the complaints before it. */
const SUMMARY = /^(?:\d+ out of \d+ hunks? |No file to patch)/;

/**
 * Returns the complaints in the output of patch(1), each after the file that it is about:
 * `hw/x.c: Hunk #1 FAILED at 12.`
 */
export function patchComplaints(lines: readonly string[]): string[] {
  const complaints: string[] = [];
  let file = '';
  for (const [index, line] of lines.entries()) {
    file = /^patching (?:symbolic link|file) '?(.+?)'?(?: \(.*\))?$/.exec(line)?.[1] ?? file;
    if (!COMPLAINT.test(line) || SUMMARY.test(line)) continue;
    const about = line.startsWith("can't find file")
      ? missingFile(lines.slice(index + 1))
      : line.startsWith('Hunk #')
        ? file
        : '';
    complaints.push(about === '' ? line : `${about}: ${line}`);
  }
  return complaints;
}

/** Returns the file of the head that patch(1) quotes next. */
function missingFile(lines: readonly string[]): string {
  const head = lines.find((line) => line.startsWith('|+++ ')) ?? '';
  return /^\|\+\+\+ [^/]+\/([^\t]+)/.exec(head)?.[1] ?? '';
}

/** Returns the paths, relative to the source, of the files that a unified diff changes. */
export function changedFiles(diff: string): string[] {
  // The pattern requires a prefix folder, which /dev/null lacks.
  const named = [...diff.matchAll(/^(?:---|\+\+\+) (?:[^/\n]+)\/([^\t\n\r]+)/gm)].map(
    (match) => match[1]!,
  );
  return [...new Set(named)].sort();
}
