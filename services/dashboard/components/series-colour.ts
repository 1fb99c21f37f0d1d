// SPDX-License-Identifier: GPL-2.0-or-later
const SLOTS = 8;

/** Returns the colour token of the nth series; colours repeat from the ninth on. */
export function seriesToken(index: number): `--${string}` {
  return `--series-${(index % SLOTS) + 1}`;
}
