// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Histogram of each event's records over time, counted while a trace is read.
 *
 * A bin is 2^shift ns wide and begins at a multiple of its width, so a bin of twice the width is
 * the sum of two bins. The initial width is 1,024 ns, which keeps bin numbers below 2^53. The width
 * doubles when the trace's time range needs more than 65,536 bins, or when all events together need
 * more than MAX_TILES tiles. Counts are stored in tiles of 1,024 bins, allocated on demand.
 */

import type { NativeRecords } from './native/records.js';

export const TILE_BINS = 1024;
const FIRST_SHIFT = 10;
const MAX_BINS = 65_536;
const MAX_TILES = 16_384; // 64 MiB
/** Bins of a level are four times as wide as bins of the next finer level. */
const LEVELS = 4;
const LEVEL_SHIFT = 2;

/** A tile whose counts are packed as a block of column.ts. */
export type PackedTile = Omit<HistogramTile, 'counts'> & { readonly counts: Uint8Array };

/** Counts of one event in 1,024 bins, starting at `tile * 1024 * 2^shift` ns. */
export interface HistogramTile {
  readonly eventId: number;
  /** Width of a bin is 2^shift ns. */
  readonly shift: number;
  readonly tile: number;
  readonly counts: Uint32Array;
}

/** Tiles by number. Keeps the last used tile at hand, as the next bin is usually in it. */
interface Counts {
  tiles: Map<number, Uint32Array>;
  last: Uint32Array;
  lastTile: number;
}

export class TimeHistogram {
  #shift = FIRST_SHIFT;
  #minBin = Infinity;
  #maxBin = -Infinity;
  #tileCount = 0;
  readonly #events = new Map<number, Counts>();

  /** Counts the records of a sorted chunk. */
  add(records: NativeRecords): void {
    this.#widen(records.timeRange[0]!, records.timeRange[1]!);
    const shift = this.#shift;
    for (const { eventId, bin, count } of records.binned(shift)) {
      let counts = this.#events.get(eventId);
      if (counts === undefined) this.#events.set(eventId, (counts = newCounts()));
      const selectBin = (): number => {
        const wide = Math.floor(bin / 2 ** (this.#shift - shift));
        this.#select(counts, Math.floor(wide / TILE_BINS));
        return wide % TILE_BINS;
      };
      let place = selectBin();
      if (this.#tileCount > MAX_TILES && this.#maxBin > this.#minBin) {
        this.#double();
        place = selectBin();
      }
      counts.last[place]! += count;
    }
  }

  /** Returns the histogram at all levels, finest first. */
  tiles(): HistogramTile[] {
    const all: HistogramTile[] = [];
    for (let level = 0; level < LEVELS; level += 1) {
      for (const [eventId, { tiles }] of this.#events)
        for (const [tile, counts] of tiles) all.push({ eventId, shift: this.#shift, tile, counts });
      for (let step = 0; step < LEVEL_SHIFT && level < LEVELS - 1; step += 1) this.#double();
    }
    return all;
  }

  #widen(fromNs: bigint, toNs: bigint): void {
    for (;;) {
      const shift = BigInt(this.#shift);
      const min = Math.min(this.#minBin, Number(fromNs >> shift));
      const max = Math.max(this.#maxBin, Number(toNs >> shift));
      if (max - min < MAX_BINS) {
        this.#minBin = min;
        this.#maxBin = max;
        return;
      }
      this.#double();
    }
  }

  /** Makes every bin twice as wide. */
  #double(): void {
    this.#shift += 1;
    this.#minBin = Math.floor(this.#minBin / 2);
    this.#maxBin = Math.floor(this.#maxBin / 2);
    this.#tileCount = 0;
    for (const counts of this.#events.values()) {
      const { tiles } = counts;
      Object.assign(counts, newCounts());
      for (const [tile, fine] of tiles) {
        this.#select(counts, Math.floor(tile / 2));
        const offset = (tile % 2) * (TILE_BINS / 2);
        for (let bin = 0; bin < TILE_BINS; bin += 2)
          counts.last[offset + bin / 2]! += fine[bin]! + fine[bin + 1]!;
      }
    }
  }

  #select(counts: Counts, tile: number): void {
    if (counts.lastTile === tile) return;
    let found = counts.tiles.get(tile);
    if (found === undefined) {
      counts.tiles.set(tile, (found = new Uint32Array(TILE_BINS)));
      this.#tileCount += 1;
    }
    counts.last = found;
    counts.lastTile = tile;
  }
}

const newCounts = (): Counts => ({ tiles: new Map(), last: new Uint32Array(0), lastTile: -1 });
