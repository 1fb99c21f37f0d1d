// SPDX-License-Identifier: GPL-2.0-or-later
import { gapSummary } from '#domain/trace/gap-histogram.js';
import type { NativeRecords } from '#domain/trace/native/records.js';
import { TILE_BINS, TimeHistogram, type PackedTile } from '#domain/trace/time-histogram.js';
import type { TraceEventTotals } from '#domain/trace/trace-reader.js';
import type { EventEntry } from './parser.js';

/** Counts of a complete trace, so that queries need not read its records again. */
export class Statistics {
  records = 0;
  readonly #native: NativeRecords;
  readonly #histogram = new TimeHistogram();

  constructor(native: NativeRecords) {
    this.#native = native;
  }

  /** Counts the records of the sorted chunk. */
  addChunk(): void {
    this.#native.addToSummaries();
    this.#histogram.add(this.#native);
    this.records += this.#native.count;
  }

  /** Returns the totals of events with at least one record, in the order of the entries. */
  totals(entries: readonly EventEntry[]): TraceEventTotals[] {
    return entries.flatMap(({ id, number, name, arguments: parameters }) => {
      const { count, firstNs, lastNs, gaps } = this.#native.summary(number);
      if (count === 0) return [];
      const interArrival = gapSummary(gaps);
      return [{ id, name, arguments: parameters, count, firstNs, lastNs, interArrival }];
    });
  }

  /** Returns the histogram's tiles. */
  tiles(): PackedTile[] {
    const words = new Uint32Array(2 * TILE_BINS);
    return this.#histogram.tiles().map(({ counts, ...tile }) => {
      for (let bin = 0; bin < TILE_BINS; bin += 1) words[2 * bin] = counts[bin]!;
      return { ...tile, counts: this.#native.packWords(words) };
    });
  }
}
