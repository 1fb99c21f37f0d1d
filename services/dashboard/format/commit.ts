const SHOWN_DIGITS = 12;

/** A commit's hash, short; the name of a release as it is. */
export function shortCommit(commit: string): string {
  return /^[0-9a-f]{20,}$/.test(commit) ? commit.slice(0, SHOWN_DIGITS) : commit;
}
