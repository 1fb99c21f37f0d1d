// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import type { PackedChunk } from '#domain/trace/chunk.js';
import type { TraceTotals } from '#domain/trace/trace-reader.js';
import type { DeclaredEvent } from '../trace-events.js';
import { TraceFormatError } from './format.js';
import { Parser } from './parser.js';
import { Statistics } from './statistics.js';

/** Options for reading a trace file. */
export interface CollectorOptions {
  /** Events that the build declares (its trace-events-all); a file names only some of them. */
  readonly events: readonly DeclaredEvent[];
  /** Stored bytes of the file, at most; later records are only counted. */
  readonly maxBytes: number;
}

/** Converts a trace file, in pieces of any size, to chunks and counts. */
export class Collector {
  readonly #parser: Parser;
  readonly #statistics = new Statistics();
  readonly #hash = createHash('sha256');
  readonly #maxBytes: number;
  #failure: TraceFormatError | null = null;
  #fileBytes = 0;
  #stored = 0;
  /** Offset in the file at which storing ended, once the quota is reached; null before. */
  #rawBytes: number | null = null;

  constructor({ events, maxBytes }: CollectorOptions) {
    this.#parser = new Parser(events);
    this.#maxBytes = maxBytes;
  }

  /** True after a format error: later bytes are not read. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /** Reads a piece and yields the chunks that it completes. */
  *take(piece: Uint8Array): Generator<PackedChunk, void> {
    this.#hash.update(piece);
    this.#fileBytes += piece.length;
    try {
      for (let taken = 0; taken < piece.length;) {
        taken += this.#parser.fill(piece, taken);
        while (this.#parser.parse()) yield* this.#takeBatch();
      }
    } catch (error) {
      if (!(error instanceof TraceFormatError)) throw error;
      this.#failure = error;
    }
  }

  /** Yields the last chunk and returns the counts. */
  *end(): Generator<PackedChunk, TraceTotals> {
    const parser = this.#parser;
    if (parser.batch.count > 0) yield* this.#takeBatch();
    const { rest } = parser;
    const truncated = rest.length > 0 || !parser.headerRead;
    const tail =
      this.#rawBytes === null
        ? Buffer.concat([...entriesOf(parser.batch.between), ...(this.failed ? [] : [rest])])
        : Buffer.alloc(0);
    const events = this.#statistics.totals();
    return {
      records: this.#statistics.records,
      stored: this.#stored,
      dropped: parser.dropped,
      fileBytes: this.#fileBytes,
      rawBytes: this.#rawBytes ?? (this.failed ? parser.offset : this.#fileBytes),
      sha256: this.failed ? null : this.#hash.digest('hex'),
      partialReason:
        this.#failure?.message ??
        (truncated
          ? `the file ends within ${parser.headerRead ? 'a record' : 'its header'} (at byte ${this.#fileBytes})`
          : null),
      tail,
      firstNs: events.reduce<bigint | null>(
        (least, { firstNs }) => (least === null || firstNs < least ? firstNs : least),
        null,
      ),
      lastNs: events.reduce<bigint | null>(
        (most, { lastNs }) => (most === null || lastNs > most ? lastNs : most),
        null,
      ),
      events,
      histogram: this.#statistics.histogram.tiles(),
    };
  }

  *#takeBatch(): Generator<PackedChunk, void> {
    const { batch } = this.#parser;
    this.#statistics.add(batch, (id) => this.#parser.entry(id));
    if (this.#rawBytes === null) {
      this.#stored += batch.count;
      yield batch.pack();
      if (this.#parser.offset >= this.#maxBytes) this.#rawBytes = this.#parser.offset;
    }
    batch.clear();
  }
}

/** Returns the bytes that `Batch.keep` stored, without their positions. */
function* entriesOf(between: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(between.buffer, between.byteOffset, between.length);
  for (let at = 0; at < between.length;) {
    const end = at + 8 + view.getUint32(at + 4, true);
    yield between.subarray(at + 8, end);
    at = end;
  }
}
