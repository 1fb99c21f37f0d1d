// SPDX-License-Identifier: GPL-2.0-or-later
import { unpackEvents, unpackTimestamps, type StoredChunk } from './chunk.js';
import { TILE_BINS, type HistogramTile } from './time-histogram.js';

/** Bins of 2^shift ns that cover a time range; each begins at a multiple of its width. */
export interface BinGrid {
  readonly shift: number;
  /** Number of the first bin: its start divided by its width. */
  readonly first: bigint;
  readonly bins: number;
}

/**
 * Returns the finest grid that covers [fromNs, toNs] with at most `maxBins` bins of at least
 * 2^minShift ns.
 */
export function gridOver(fromNs: bigint, toNs: bigint, maxBins: number, minShift = 0): BinGrid {
  for (let shift = minShift; ; shift += 1) {
    const first = fromNs >> BigInt(shift);
    const bins = (toNs >> BigInt(shift)) - first + 1n;
    if (bins <= BigInt(maxBins)) return { shift, first, bins: Number(bins) };
  }
}

/** Counts per event in the bins of a grid. */
export class TimeBins {
  readonly #events = new Map<number, Float64Array>();

  constructor(readonly grid: BinGrid) {}

  get events(): ReadonlyMap<number, Float64Array> {
    return this.#events;
  }

  /** Adds a tile whose bins are not wider than the grid's. */
  addTile({
    eventId,
    shift,
    tile,
    counts,
  }: Omit<HistogramTile, 'tile'> & { readonly tile: bigint }): void {
    const { grid } = this;
    const bins = this.#bins(eventId);
    const start = Number(tile * BigInt(TILE_BINS) - (grid.first << BigInt(grid.shift - shift)));
    const width = 2 ** (grid.shift - shift);
    for (let index = 0; index < TILE_BINS; index += 1) {
      const bin = Math.floor((start + index) / width);
      if (bin >= 0 && bin < bins.length) bins[bin]! += counts[index]!;
    }
  }

  /** Adds the records of a chunk that lie in the grid, for the given events or for all. */
  addRecords(
    chunk: Pick<StoredChunk, 'count' | 'event' | 'timestamp'>,
    eventIds: ReadonlySet<number> | null,
  ): void {
    const { grid } = this;
    const events = unpackEvents(chunk);
    const timestamps = unpackTimestamps(chunk);
    const startNs = grid.first << BigInt(grid.shift);
    const startHigh = Number(startNs >> 32n);
    const startLow = Number(startNs & 0xffff_ffffn);
    const width = 2 ** grid.shift;
    let previous = -1;
    let bins: Float64Array | null = null;
    for (let row = 0; row < chunk.count; row += 1) {
      const id = events[row]!;
      if (id !== previous) {
        bins = eventIds === null || eventIds.has(id) ? this.#bins(id) : null;
        previous = id;
      }
      if (bins === null) continue;
      const bin = Math.floor(
        ((timestamps[2 * row + 1]! - startHigh) * 2 ** 32 + timestamps[2 * row]! - startLow) /
          width,
      );
      if (bin >= 0 && bin < bins.length) bins[bin]! += 1;
    }
  }

  #bins(eventId: number): Float64Array {
    let bins = this.#events.get(eventId);
    if (bins === undefined) this.#events.set(eventId, (bins = new Float64Array(this.grid.bins)));
    return bins;
  }
}
