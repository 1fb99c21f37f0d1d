// SPDX-License-Identifier: GPL-2.0-or-later
import { distance } from 'fastest-levenshtein';

const SUGGESTIONS = 3;

/**
 * Returns the tail of an error message with similar names: `; did you mean "a", "b"?`, or ''.
 *
 * @param wanted The unknown name.
 * @param known All valid names.
 */
export function suggestion(wanted: string, known: Iterable<string>): string {
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const near: { name: string; edits: number }[] = [];
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) > limit) continue;
    const edits = distance(wanted, name);
    if (edits <= limit) near.push({ name, edits });
  }
  near.sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1));
  if (near.length === 0) return '';
  return `; did you mean ${near
    .slice(0, SUGGESTIONS)
    .map(({ name }) => `"${name}"`)
    .join(', ')}?`;
}
