// SPDX-License-Identifier: GPL-2.0-or-later
/** The loops over a trace's records, which are WebAssembly; records.c describes them. */
import { CHUNK_RECORDS, EVENT_IDS, GAP_BINS, WINDOW_BYTES } from './limits.js';
import { MODULE } from './module.js';

type Address = { readonly value: number };

/** An array of records.c. */
type ArrayName =
  | 'events'
  | 'timestamps'
  | 'pids'
  | 'arguments'
  | 'state'
  | 'window'
  | 'layouts'
  | 'texts'
  | 'time_range'
  | 'event_ids'
  | 'event_counts'
  | 'packed'
  | 'ends'
  | 'values'
  | 'summaries'
  | '__heap_base'
  | 'run_ids'
  | 'run_bins'
  | 'run_counts';

interface Exports extends Readonly<Record<ArrayName, Address>> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  parse(start: number, end: number): number;
  clear(): void;
  is_full(): number;
  sort_rows(): void;
  count_records(): void;
  count_bins(shift: number, first: bigint): number;
  pack_values(count: number): number;
  pack_chunk(): void;
}

// TypeScript declares WebAssembly for browsers only.
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

const MAX_COLUMNS = 3 + 10;
const SUMMARY_WORDS = 7;
const PAGE_BYTES = 65_536;

/** Counts of an event over the whole trace. */
export interface EventSummary {
  readonly count: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly gaps: {
    readonly count: number;
    readonly minNs: number;
    readonly maxNs: number;
    readonly sumNs: number;
    /** Gaps per bin of gap-histogram.ts. */
    readonly bins: Uint32Array;
  };
}

/** The module, compiled at its first use. */
let compiled: object | undefined;

/**
 * The records of one chunk as columns, and counts of all chunks. A trace needs one instance, of
 * 7 MiB and 15 kB per event.
 */
export class NativeRecords {
  /** The bytes that `parse` reads. */
  readonly window: Uint8Array;
  /** Columns in file order; `count` of their elements are defined. Numbers are 64-bit. */
  readonly events: Uint16Array;
  readonly timestamps: BigUint64Array;
  readonly pids: Uint32Array;
  /** First and last time of the sorted chunk, ns. */
  readonly timeRange: BigUint64Array;
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** @param eventLimit Number of events that may be declared, at most MAX_EVENTS. */
  constructor(eventLimit: number) {
    compiled ??= new WebAssembly.Module(Buffer.from(MODULE, 'base64'));
    this.#exports = new WebAssembly.Instance(compiled).exports;
    this.#exports.memory.grow(Math.ceil((4 * GAP_BINS * eventLimit) / PAGE_BYTES) + 1);
    const { buffer } = this.#exports.memory;
    const { events, timestamps, pids, window, time_range: timeRange } = this.#exports;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.window = new Uint8Array(buffer, window.value, WINDOW_BYTES);
    this.events = new Uint16Array(buffer, events.value, CHUNK_RECORDS);
    this.timestamps = new BigUint64Array(buffer, timestamps.value, CHUNK_RECORDS);
    this.pids = new Uint32Array(buffer, pids.value, CHUNK_RECORDS);
    this.timeRange = new BigUint64Array(buffer, timeRange.value, 2);
  }

  /** Records of the chunk. */
  get count(): number {
    return this.#state(0);
  }

  set count(rows: number) {
    this.#words[this.#exports.state.value / 4] = rows;
  }

  get full(): boolean {
    return this.#exports.is_full() !== 0;
  }

  /** The chunk's texts as it stores them. */
  get texts(): Uint8Array {
    const at = this.#exports.texts.value;
    return this.#bytes.subarray(at, at + this.#state(4));
  }

  /** Ids of the events of the sorted chunk, ascending. */
  get eventIds(): Uint32Array {
    return this.#numbers('event_ids', this.#state(5));
  }

  get eventCounts(): Uint32Array {
    return this.#numbers('event_counts', this.#state(5));
  }

  /**
   * Declares an event.
   *
   * @param number 0-based number among the declared events.
   * @param texts Per argument: whether it is text.
   */
  declare(id: number, number: number, texts: readonly boolean[]): void {
    const mask = texts.reduce((bits, isText, index) => bits | (Number(isText) << index), 0);
    this.#numbers('layouts', EVENT_IDS)[id] = 2 ** 31 + (number << 14) + (mask << 4) + texts.length;
  }

  /**
   * Moves records from the window to the chunk. Returns the start of the first entry that is not a
   * complete, valid record of a declared event, or for which the chunk has no space.
   */
  parse(start: number, end: number): number {
    return this.#exports.parse(start, end);
  }

  /** Sorts the chunk's records by event, which counting and packing require. */
  sort(): void {
    this.#exports.sort_rows();
  }

  /** Adds the records of the sorted chunk to the summaries. */
  addToSummaries(): void {
    this.#exports.count_records();
  }

  /** Yields the numbers of records per event and bin of 2^shift ns. */
  *binned(shift: number): Generator<{ eventId: number; bin: number; count: number }> {
    const first = this.timeRange[0]! >> BigInt(shift);
    const runs = this.#exports.count_bins(shift, first);
    const ids = new Uint16Array(this.#bytes.buffer, this.#exports.run_ids.value, runs);
    const bins = this.#numbers('run_bins', runs);
    const counts = this.#numbers('run_counts', runs);
    for (let run = 0; run < runs; run += 1)
      yield { eventId: ids[run]!, bin: Number(first) + bins[run]!, count: counts[run]! };
  }

  /** Packs the sorted chunk. Returns its columns one after another, and where each ends. */
  pack(): { packed: Uint8Array; ends: Uint32Array } {
    this.#exports.pack_chunk();
    const ends = this.#numbers('ends', MAX_COLUMNS).subarray(0, 3 + this.#state(1));
    const at = this.#exports.packed.value;
    return { packed: this.#bytes.subarray(at, at + ends.at(-1)!), ends };
  }

  /** Packs at most CHUNK_RECORDS numbers, pairs of words with the low word first, as a block. */
  packWords(words: Uint32Array): Uint8Array {
    this.#numbers('values', 2 * CHUNK_RECORDS).set(words);
    const at = this.#exports.packed.value;
    return this.#bytes.slice(at, at + this.#exports.pack_values(words.length / 2));
  }

  /** Starts the next chunk. */
  clear(): void {
    this.#exports.clear();
  }

  /** Returns the counts of the event with this number. */
  summary(number: number): EventSummary {
    const at = this.#exports.summaries.value + 8 * SUMMARY_WORDS * number;
    const words = new BigUint64Array(this.#bytes.buffer, at, SUMMARY_WORDS);
    const [count, firstNs, lastNs, gaps, minNs, maxNs] = words;
    return {
      count: Number(count),
      firstNs: firstNs!,
      lastNs: lastNs!,
      gaps: {
        count: Number(gaps),
        minNs: Number(minNs),
        maxNs: Number(maxNs),
        sumNs: new Float64Array(this.#bytes.buffer, at)[SUMMARY_WORDS - 1]!,
        bins: this.#numbers('__heap_base', (number + 1) * GAP_BINS).subarray(number * GAP_BINS),
      },
    };
  }

  #state(index: number): number {
    return this.#words[this.#exports.state.value / 4 + index]!;
  }

  #numbers(name: ArrayName, length: number): Uint32Array {
    const at = this.#exports[name].value / 4;
    return this.#words.subarray(at, at + length);
  }
}
