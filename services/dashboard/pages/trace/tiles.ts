// SPDX-License-Identifier: GPL-2.0-or-later
import type { TraceHistogram } from '#contract/trace-query.js';
import { get, withQuery } from '../../http/client.js';
import { widthOf, type View } from './time-axis.js';

/** Bins per tile. A view is one to two tiles wide, so that a bin is about a pixel. */
const BINS = 512;

/**
 * An interval of the host's clock: 2^level ns long, starting at a multiple of its length. All views
 * that overlap it share it.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
}

/** Parameters of the requests for a trace's tiles. */
export interface TileSource {
  readonly traceId: string;
  /** Time of the trace's first record on the host's clock. */
  readonly originNs: bigint;
  readonly spanNs: number;
  /** Null selects all events. */
  readonly events: readonly string[] | null;
}

/** Returns the level whose tiles are about as long as the view. */
export const levelFor = (view: View): number =>
  Math.max(9, Math.floor(Math.log2(Math.max(1, widthOf(view)))));

/** Returns a tile's start, in ns from the trace's first record. */
function startOf({ originNs }: TileSource, { level, index }: Tile): number {
  return Number((BigInt(index) << BigInt(level)) - originNs);
}

/** Returns the tiles of a level that a view overlaps, within the trace. */
export function tilesOf({ originNs, spanNs }: TileSource, view: View, level: number): Tile[] {
  const at = (ns: number) =>
    Number((originNs + BigInt(Math.floor(Math.min(spanNs, Math.max(0, ns))))) >> BigInt(level));
  const first = at(view.fromNs);
  return Array.from({ length: at(view.toNs) - first + 1 }, (_, index) => ({
    level,
    index: first + index,
  }));
}

export function tileKey(
  { traceId, events }: TileSource,
  { level, index }: Tile,
): readonly unknown[] {
  return ['trace-tile', traceId, events, level, index];
}

export async function fetchTile(
  { traceId, events }: TileSource,
  { level, index }: Tile,
  signal: AbortSignal,
): Promise<TraceHistogram> {
  const fromNs = BigInt(index) << BigInt(level);
  const toNs = fromNs + (1n << BigInt(level)) - 1n;
  return get<TraceHistogram>(
    withQuery(`/v1/traces/${traceId}/histogram`, {
      fromNs: fromNs.toString(),
      toNs: toNs.toString(),
      bins: BINS,
      event: events,
    }),
    signal,
  );
}

/** A part of a histogram to draw; times are in ns from the trace's first record. */
export interface Piece {
  readonly histogram: TraceHistogram;
  /** Start of the histogram's first bin. */
  readonly startNs: number;
  readonly clip: View;
}

/** Returns, for every tile of the view, its own histogram or the nearest coarser one. */
export function piecesOf(
  source: TileSource,
  view: View,
  level: number,
  known: (tile: Tile) => TraceHistogram | undefined,
  coarsest: number,
): Piece[] {
  return tilesOf(source, view, level).flatMap((tile): Piece[] => {
    const fromNs = startOf(source, tile);
    const clip = { fromNs, toNs: fromNs + 2 ** level };
    for (let up = 0; level + up <= coarsest; up += 1) {
      const histogram = known({ level: level + up, index: Math.floor(tile.index / 2 ** up) });
      if (histogram !== undefined)
        return [{ histogram, startNs: Number(BigInt(histogram.fromNs) - source.originNs), clip }];
    }
    return [];
  });
}
