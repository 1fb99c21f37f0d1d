/**
 * Instructions that callgrind counted in the process that ended last, as digits; null if it did not say.
 *
 * Valgrind prints `==pid== Collected : n` when the process ends, after everything that the process prints; n has one
 * number for each kind of event, and the first is instructions.
 */
export function callgrindInstructions(text: string): string | null {
  return [...text.matchAll(/^==\d+== Collected : (\d{1,18})\b/gm)].at(-1)?.[1] ?? null;
}
