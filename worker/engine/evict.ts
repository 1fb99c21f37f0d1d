// SPDX-License-Identifier: GPL-2.0-or-later
/** A cached image or volume, which can be rebuilt. */
export interface Kept {
  /** Tag of an image, or name of a volume. */
  readonly name: string;
  readonly kind: 'image' | 'volume';
  /** Bytes that only this image or volume uses. Its removal frees at least these. */
  readonly bytes: number;
  readonly usedMs: number;
}

/**
 * Chooses cached items to remove, least recently used first. Skips items that a running job may
 * use.
 *
 * @param excessBytes Bytes to free at least.
 * @param runningSinceMs Start of the oldest running job; null: no job runs.
 */
export function evictions(
  kept: readonly Kept[],
  excessBytes: number,
  runningSinceMs: number | null,
): Kept[] {
  const chosen: Kept[] = [];
  let freedBytes = 0;
  const oldest = [...kept].sort((a, b) => a.usedMs - b.usedMs || (a.name < b.name ? -1 : 1));
  for (const image of oldest) {
    if (freedBytes >= excessBytes) break;
    if (runningSinceMs !== null && image.usedMs >= runningSinceMs) continue;
    chosen.push(image);
    freedBytes += image.bytes;
  }
  return chosen;
}
