// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Histogram of each event's records over time, counted while a trace is read.
 *
 * A bin is 2^shift ns wide and begins at a multiple of its width, so a bin of twice the width is
 * the sum of two bins. The initial width is 1,024 ns, which keeps bin numbers below 2^53. The width
 * doubles when the trace's time range needs more than 65,536 bins, or when all events together need
 * more than MAX_TILES tiles. Counts are stored in tiles of 1,024 bins, allocated on demand.
 */

export const TILE_BINS = 1024;
const FIRST_SHIFT = 10;
const MAX_BINS = 65_536;
const MAX_TILES = 16_384; // 64 MiB
/** Bins of a level are four times as wide as bins of the next finer level. */
const LEVELS = 4;
const LEVEL_SHIFT = 2;

/** Counts of one event in 1,024 bins, starting at `tile * 1024 * 2^shift` ns. */
export interface HistogramTile {
  readonly eventId: number;
  /** Width of a bin is 2^shift ns. */
  readonly shift: number;
  readonly tile: number;
  readonly counts: Uint32Array;
}

/** Tiles by number. Keeps the last used tile at hand, as the next record is usually close to it. */
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

  /** Counts the records of a chunk. */
  add(events: Uint16Array, timestamps: Uint32Array, count: number): void {
    let previous = -1;
    let counts: Counts | undefined;
    for (let row = 0; row < count; row += 1) {
      const low = timestamps[2 * row]!;
      const high = timestamps[2 * row + 1]!;
      let bin = this.#bin(high, low);
      if (bin < this.#minBin || bin > this.#maxBin) {
        this.#widen(high, low);
        bin = this.#bin(high, low);
      }
      const id = events[row]!;
      if (id !== previous || counts === undefined) {
        counts = this.#events.get(id);
        if (counts === undefined) this.#events.set(id, (counts = newCounts()));
        previous = id;
      }
      const tile = Math.floor(bin / TILE_BINS);
      if (tile !== counts.lastTile) {
        this.#select(counts, tile);
        if (this.#tileCount > MAX_TILES && this.#maxBin > this.#minBin) this.#double();
        bin = this.#bin(high, low);
        this.#select(counts, Math.floor(bin / TILE_BINS));
      }
      counts.last[bin - counts.lastTile * TILE_BINS]! += 1;
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

  #bin(high: number, low: number): number {
    const shift = this.#shift;
    return shift >= 32 ? high >>> (shift - 32) : high * 2 ** (32 - shift) + (low >>> shift);
  }

  #widen(high: number, low: number): void {
    for (;;) {
      const bin = this.#bin(high, low);
      const min = Math.min(this.#minBin, bin);
      const max = Math.max(this.#maxBin, bin);
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
