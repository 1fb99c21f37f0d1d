// SPDX-License-Identifier: GPL-2.0-or-later
const SHOWN_DIGITS = 12;

/** Shortens a commit hash; returns other names, such as a release, unchanged. */
export function shortCommit(commit: string): string {
  return /^[0-9a-f]{20,}$/.test(commit) ? commit.slice(0, SHOWN_DIGITS) : commit;
}
