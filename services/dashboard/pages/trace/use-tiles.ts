// SPDX-License-Identifier: GPL-2.0-or-later
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { TraceHistogram } from '#contract/trace-query.js';
import { useSettled } from '../../components/use-settled.js';
import {
  fetchTile,
  levelFor,
  piecesOf,
  tileKey,
  tilesOf,
  type Piece,
  type Tile,
  type TileSource,
} from './tiles.js';
import { panned, type View } from './time-axis.js';

const SETTLED_MS = 60;

/**
 * Returns the histogram of a view, assembled from tiles. A coarser tile stands in for one that has
 * not arrived. Tiles beside the view are fetched too; requests for tiles that the view has left are
 * aborted.
 */
export function useTiles(
  source: TileSource,
  view: View,
): { pieces: readonly Piece[]; loading: boolean; error: unknown } {
  const queries = useQueryClient();
  const settled = useSettled(view, SETTLED_MS);
  const whole = useMemo((): View => ({ fromNs: 0, toNs: source.spanNs }), [source.spanNs]);
  const coarsest = levelFor(whole) + 1;
  const wanted = useMemo(() => {
    const level = levelFor(settled);
    const inView = tilesOf(source, settled, level);
    const tiles = [
      ...tilesOf(source, whole, coarsest),
      ...inView,
      ...tilesOf(source, panned(settled, -1), level),
      ...tilesOf(source, panned(settled, 1), level),
    ];
    return {
      inView: new Set(inView.map(nameOfTile)),
      tiles: [...new Map(tiles.map((tile) => [nameOfTile(tile), tile])).values()],
    };
  }, [source, settled, whole, coarsest]);

  const results = useQueries({
    queries: wanted.tiles.map((tile) => ({
      queryKey: tileKey(source, tile),
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchTile(source, tile, signal),
      staleTime: Infinity,
      gcTime: 60_000,
    })),
  });
  // Counts the tiles that have arrived: reading `data` makes React Query render when it changes.
  const arrived = results.filter(({ data }) => data !== undefined).length;
  const pieces = useMemo(() => {
    const known = (tile: Tile) => queries.getQueryData<TraceHistogram>(tileKey(source, tile));
    return arrived === 0 ? [] : piecesOf(source, view, levelFor(view), known, coarsest);
  }, [queries, source, view, coarsest, arrived]);
  return {
    pieces,
    loading: wanted.tiles.some(
      (tile, index) => wanted.inView.has(nameOfTile(tile)) && results[index]?.data === undefined,
    ),
    error: results.find(({ error }) => error !== null)?.error ?? null,
  };
}

const nameOfTile = ({ level, index }: Tile): string => `${level} ${index}`;
