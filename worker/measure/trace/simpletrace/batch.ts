// SPDX-License-Identifier: GPL-2.0-or-later
import { packChunk, type PackedChunk } from '#domain/trace/chunk.js';
import { NativeRecords } from '#domain/trace/native/records.js';

/** Collects the records of the next chunk, and the bytes between them. */
export class Batch {
  readonly records: NativeRecords;
  #firstSequence = 0;
  #between = Buffer.alloc(4096);
  #betweenUsed = 0;

  /** @param eventLimit Number of events that the file may name. */
  constructor(eventLimit: number) {
    this.records = new NativeRecords(eventLimit);
  }

  get between(): Uint8Array {
    return this.#between.subarray(0, this.#betweenUsed);
  }

  /** Stores bytes that are not a record, as they stand in the file before the next record. */
  keep(source: Uint8Array): void {
    const end = this.#betweenUsed + 8 + source.length;
    if (end > this.#between.length) {
      const larger = Buffer.alloc(2 * end);
      larger.set(this.between);
      this.#between = larger;
    }
    this.#between.writeUInt32LE(this.records.count, this.#betweenUsed);
    this.#between.writeUInt32LE(source.length, this.#betweenUsed + 4);
    this.#between.set(source, this.#betweenUsed + 8);
    this.#betweenUsed = end;
  }

  pack(): PackedChunk {
    return packChunk(this.records, this.#firstSequence, this.between);
  }

  /** Starts the next chunk. */
  clear(): void {
    this.#firstSequence += this.records.count;
    this.records.clear();
    this.#betweenUsed = 0;
  }
}
