// SPDX-License-Identifier: GPL-2.0-or-later
import type { Trace } from '#contract/trace.js';
import type { Piece } from './tiles.js';
import type { View } from './time-axis.js';

export type LaneOrder = 'count' | 'name';

/** Maximum number of lanes: the API returns at most as many events in a histogram. */
export const MOST_LANES = 50;

/** Returns the events of all traces whose name contains the filter, in the given order. */
export function lanesOf(
  traces: readonly Pick<Trace, 'events'>[],
  filter: string,
  order: LaneOrder,
): string[] {
  const counts = new Map<string, bigint>();
  for (const { name, count } of traces.flatMap(({ events }) => events))
    counts.set(name, (counts.get(name) ?? 0n) + BigInt(count));
  const text = filter.trim().toLowerCase();
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  const byCount = (a: string, b: string) => Number(counts.get(b)! - counts.get(a)!) || byName(a, b);
  return [...counts.keys()]
    .filter((name) => name.toLowerCase().includes(text))
    .sort(order === 'name' ? byName : byCount);
}

/**
 * Returns the records per ns for each pixel of a view: of one event, or of all events if `name` is
 * null.
 */
export function densityOf(
  name: string | null,
  pieces: readonly Piece[],
  view: View,
  width: number,
): Float64Array {
  const density = new Float64Array(width);
  const nsPerPixel = (view.toNs - view.fromNs) / width;
  for (const { histogram, startNs, clip } of pieces) {
    const binNs = Number(histogram.binNs);
    const counts =
      name === null
        ? totals(histogram)
        : histogram.events.find((event) => event.name === name)?.counts;
    if (counts === undefined) continue;
    counts.forEach((count, bin) => {
      if (count === 0) return;
      const fromNs = Math.max(startNs + bin * binNs, clip.fromNs);
      const toNs = Math.min(startNs + (bin + 1) * binNs, clip.toNs);
      if (toNs <= fromNs) return;
      const first = Math.max(0, Math.floor((fromNs - view.fromNs) / nsPerPixel));
      // A bin narrower than a pixel still fills one pixel.
      const end = Math.min(
        width,
        Math.max(first + 1, Math.ceil((toNs - view.fromNs) / nsPerPixel)),
      );
      for (let pixel = first; pixel < end; pixel += 1)
        density[pixel] = Math.max(density[pixel]!, count / binNs);
    });
  }
  return density;
}

const summed = new WeakMap<object, readonly number[]>();

/** Returns the counts per bin, summed over all events. */
function totals(histogram: Piece['histogram']): readonly number[] {
  const known = summed.get(histogram);
  if (known !== undefined) return known;
  const all = [...histogram.events.map(({ counts }) => counts), histogram.others ?? []];
  const counts = Array.from({ length: histogram.bins }, (_, bin) =>
    all.reduce((total, counts) => total + (counts[bin] ?? 0), 0),
  );
  summed.set(histogram, counts);
  return counts;
}
