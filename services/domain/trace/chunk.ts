// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A chunk: up to 16,384 consecutive records of a trace, packed
 * (docs/decisions/0014-trace-storage.md).
 *
 * `event`, `timestamp` and `pid` are one block each, in the order of the file. Arguments have one
 * block per event, ordered by event id and then as in the file, because the numbers of one event
 * resemble each other. An event without that argument has a block of zeros, which takes 9 bytes.
 */
import { unpackWords } from './column.js';
import type { NativeRecords } from './native/records.js';

/**
 * Records as arrays, one per field. Elements from `count` on are undefined. A 64-bit number is two
 * words, low first.
 */
export interface RecordColumns {
  readonly count: number;
  /** Id of the event in this file. */
  readonly events: Uint16Array;
  /** Host's monotonic clock, ns; below 2^63. */
  readonly timestamps: Uint32Array;
  readonly pids: Uint32Array;
  /**
   * Arguments by position. A number of fewer than 64 bits is extended as in C's conversion to
   * uint64_t. A text is its index in `texts`. 0 if the event does not have the argument.
   */
  readonly arguments: readonly Uint32Array[];
}

export interface PackedChunk {
  /** Position in the file of the first record, from 0. */
  readonly firstSequence: number;
  readonly count: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** Ids of the events in it, ascending, and how many records each has. */
  readonly eventIds: readonly number[];
  readonly eventCounts: readonly number[];
  readonly event: Uint8Array;
  readonly timestamp: Uint8Array;
  readonly pid: Uint8Array;
  /** One column per argument position that an event of the chunk has. */
  readonly arguments: readonly Uint8Array[];
  /** Text arguments, each once: u32 length, bytes. */
  readonly texts: Uint8Array;
  /**
   * Verbatim bytes between the records that are not records themselves: u32 index of the following
   * record, u32 length, bytes.
   */
  readonly between: Uint8Array;
}

/**
 * Packs the sorted records of a chunk; all byte arrays of the result are views of one new buffer.
 */
export function packChunk(
  records: NativeRecords,
  firstSequence: number,
  between: Uint8Array,
): PackedChunk {
  const { packed, ends } = records.pack();
  const { texts, timeRange } = records;
  const textsEnd = packed.length + texts.length;
  const bytes = new Uint8Array(textsEnd + between.length);
  bytes.set(packed);
  bytes.set(texts, packed.length);
  bytes.set(between, textsEnd);
  const [event, timestamp, pid, ...columns] = Array.from(ends, (end, index) =>
    bytes.subarray(index === 0 ? 0 : ends[index - 1]!, end),
  );
  return {
    firstSequence,
    count: records.count,
    minNs: timeRange[0]!,
    maxNs: timeRange[1]!,
    eventIds: Array.from(records.eventIds),
    eventCounts: Array.from(records.eventCounts),
    event: event!,
    timestamp: timestamp!,
    pid: pid!,
    arguments: columns,
    texts: bytes.subarray(packed.length, textsEnd),
    between: bytes.subarray(textsEnd),
  };
}

/** Returns the 64-bit number at index `row`, unsigned. */
export const joinWords = (words: Uint32Array, row: number): bigint =>
  (BigInt(words[2 * row + 1]!) << 32n) | BigInt(words[2 * row]!);

/** The part of a chunk that `unpackChunk` needs. */
export type StoredChunk = Pick<
  PackedChunk,
  'count' | 'eventIds' | 'eventCounts' | 'event' | 'timestamp' | 'pid' | 'arguments'
>;

/** Unpacks the records of a chunk, in the order of the file. */
export function unpackChunk(chunk: StoredChunk): RecordColumns {
  const { count } = chunk;
  const events = unpackEvents(chunk);
  const order = chunk.arguments.length > 0 ? orderByEvent(chunk, events) : null;
  return {
    count,
    events,
    timestamps: unpackTimestamps(chunk),
    pids: unpackPids(chunk),
    arguments: chunk.arguments.map((column) => {
      const sorted = unpackColumn(column, chunk.eventCounts, count);
      if (order === null) return sorted;
      const words = new Uint32Array(2 * count);
      for (let place = 0; place < count; place += 1) {
        const row = order[place]!;
        words[2 * row] = sorted[2 * place]!;
        words[2 * row + 1] = sorted[2 * place + 1]!;
      }
      return words;
    }),
  };
}

/** Per event of the current chunk: the place of its next row in the order by event. */
const places = new Uint32Array(65_536);

/** Returns the rows sorted by event, within an event in file order; null if they are already. */
function orderByEvent(
  { count, eventIds, eventCounts }: StoredChunk,
  events: Uint16Array,
): Uint32Array | null {
  if (eventIds.length < 2) return null;
  let start = 0;
  for (const [index, id] of eventIds.entries()) {
    places[id] = start;
    start += eventCounts[index]!;
  }
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row += 1) order[places[events[row]!]!++] = row;
  return order;
}

export const unpackEvents = (chunk: Pick<PackedChunk, 'count' | 'event'>): Uint16Array =>
  Uint16Array.from(lowWords(unpackColumn(chunk.event, [chunk.count], chunk.count)));
export const unpackPids = (chunk: Pick<PackedChunk, 'count' | 'pid'>): Uint32Array =>
  lowWords(unpackColumn(chunk.pid, [chunk.count], chunk.count));
export const unpackTimestamps = (chunk: Pick<PackedChunk, 'count' | 'timestamp'>): Uint32Array =>
  unpackColumn(chunk.timestamp, [chunk.count], chunk.count);

function unpackColumn(packed: Uint8Array, blocks: readonly number[], count: number): Uint32Array {
  const words = new Uint32Array(2 * count);
  let to = 0;
  let at = 0;
  for (const numbers of blocks) {
    at = unpackWords(packed, at, numbers, words, to);
    to += numbers;
  }
  return words;
}

function lowWords(words: Uint32Array): Uint32Array {
  const numbers = new Uint32Array(words.length / 2);
  for (let row = 0; row < numbers.length; row += 1) numbers[row] = words[2 * row]!;
  return numbers;
}

/** Returns the texts of a chunk as bytes, which are views of `texts`. */
export function readTexts(texts: Uint8Array): Uint8Array[] {
  const view = new DataView(texts.buffer, texts.byteOffset, texts.length);
  const found: Uint8Array[] = [];
  for (let at = 0; at < texts.length;) {
    const end = at + 4 + view.getUint32(at, true);
    found.push(texts.subarray(at + 4, end));
    at = end;
  }
  return found;
}
