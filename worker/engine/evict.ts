/** Something that an engine keeps for us and that can be made again. */
export interface Kept {
  /** Tag of an image, or name of a volume. */
  readonly name: string;
  readonly kind: 'image' | 'volume';
  /** That nothing else shares: what its removal gives back at least. */
  readonly bytes: number;
  readonly usedMs: number;
}

/**
 * What to remove so that at least so many bytes become free: what was used the longest ago goes first, and nothing goes
 * that a running job may use.
 *
 * @param runningSinceMs when the oldest job that runs began; null: none runs
 */
export function evictions(
  kept: readonly Kept[],
  excessBytes: number,
  runningSinceMs: number | null,
): Kept[] {
  const chosen: Kept[] = [];
  let freedBytes = 0;
  const oldest = [...kept].sort((a, b) => a.usedMs - b.usedMs || (a.name < b.name ? -1 : 1));
  for (const one of oldest) {
    if (freedBytes >= excessBytes) break;
    if (runningSinceMs !== null && one.usedMs >= runningSinceMs) continue;
    chosen.push(one);
    freedBytes += one.bytes;
  }
  return chosen;
}
