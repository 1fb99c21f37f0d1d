const SLOTS = 8;

/** Token of the nth series; from the ninth on they repeat. */
export function seriesToken(index: number): `--${string}` {
  return `--series-${(index % SLOTS) + 1}`;
}
