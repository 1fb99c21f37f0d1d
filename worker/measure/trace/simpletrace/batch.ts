// SPDX-License-Identifier: GPL-2.0-or-later
import { MAX_ARGUMENTS } from '#domain/trace/argument-type.js';
import {
  CHUNK_RECORDS,
  packChunk,
  type PackedChunk,
  type RecordColumns,
} from '#domain/trace/chunk.js';
import { MAX_TEXTS, TextDictionary } from './text-dictionary.js';

const MAX_TEXT_BYTES = 1024 * 1024;
/**
 * Limit of a chunk in the file: a reader writes its records out at once. Usual chunks have some
 * 1.5 MB; records that repeat a long text take hardly any space when stored.
 */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Collects the records of the next chunk. Its arrays are reused for every chunk. */
export class Batch {
  count = 0;
  /** Bytes of its records in the file. */
  fileBytes = 0;
  firstSequence = 0;
  readonly events = new Uint16Array(CHUNK_RECORDS);
  readonly timestamps = new Uint32Array(2 * CHUNK_RECORDS);
  readonly pids = new Uint32Array(CHUNK_RECORDS);
  /** Words of each argument, up to the largest number of arguments in the batch. */
  readonly columns: Uint32Array[] = [];
  readonly texts = new TextDictionary();
  #between = Buffer.alloc(4096);
  #betweenUsed = 0;

  get full(): boolean {
    return (
      this.count === CHUNK_RECORDS ||
      this.fileBytes > MAX_FILE_BYTES ||
      this.texts.count > MAX_TEXTS - MAX_ARGUMENTS ||
      this.texts.byteLength > MAX_TEXT_BYTES
    );
  }

  get between(): Uint8Array {
    return this.#between.subarray(0, this.#betweenUsed);
  }

  get records(): RecordColumns {
    return {
      count: this.count,
      events: this.events,
      timestamps: this.timestamps,
      pids: this.pids,
      arguments: this.columns,
    };
  }

  addColumn(): void {
    this.columns.push(new Uint32Array(2 * CHUNK_RECORDS));
  }

  /** Stores bytes that are not a record, as they stand in the file before the next record. */
  keep(source: Uint8Array): void {
    const end = this.#betweenUsed + 8 + source.length;
    if (end > this.#between.length) {
      const larger = Buffer.alloc(2 * end);
      larger.set(this.between);
      this.#between = larger;
    }
    this.#between.writeUInt32LE(this.count, this.#betweenUsed);
    this.#between.writeUInt32LE(source.length, this.#betweenUsed + 4);
    this.#between.set(source, this.#betweenUsed + 8);
    this.#betweenUsed = end;
  }

  pack(): PackedChunk {
    return packChunk(this.records, this.firstSequence, this.texts.bytes, this.between);
  }

  /** Starts the next chunk. */
  clear(): void {
    this.firstSequence += this.count;
    this.count = 0;
    this.fileBytes = 0;
    this.columns.length = 0;
    this.texts.clear();
    this.#betweenUsed = 0;
  }
}
