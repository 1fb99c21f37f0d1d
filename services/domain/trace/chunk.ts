// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * A chunk: up to 16,384 consecutive records of a trace, packed
 * (docs/decisions/0014-trace-storage.md).
 *
 * `event`, `timestamp` and `pid` are one block each, in the order of the file. Arguments have one
 * block per event, ordered by event id and then as in the file, because the numbers of one event
 * resemble each other. An event without that argument has a block of zeros, which takes 9 bytes.
 */
import { maxColumnBytes, packNumbers, packWords, unpackWords } from './column.js';

/** Largest number of records in a chunk. */
export const CHUNK_RECORDS = 16_384;

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

/** The order of a chunk's records by event, from its event column. */
interface EventOrder {
  readonly eventIds: readonly number[];
  readonly eventCounts: readonly number[];
  /** Rows sorted by event; null if they are in that order already. */
  readonly order: Uint32Array | null;
}

const counts = new Uint32Array(65_536);
// A chunk is packed in here and then copied to a buffer of its size. Grows with the largest chunk.
let scratch = new Uint8Array(0);

/** Sorts rows by event and keeps their order within an event. */
function orderByEvent(events: Uint16Array, count: number, argumentCount: number): EventOrder {
  const eventIds: number[] = [];
  for (let row = 0; row < count; row += 1) {
    const id = events[row]!;
    if (counts[id] === 0) eventIds.push(id);
    counts[id]! += 1;
  }
  eventIds.sort((a, b) => a - b);
  const eventCounts = eventIds.map((id) => counts[id]!);
  let order: Uint32Array | null = null;
  if (eventIds.length > 1 && argumentCount > 0) {
    order = new Uint32Array(count);
    let place = 0;
    for (const [index, id] of eventIds.entries()) {
      counts[id] = place;
      place += eventCounts[index]!;
    }
    for (let row = 0; row < count; row += 1) order[counts[events[row]!]!++] = row;
  }
  for (const id of eventIds) counts[id] = 0;
  return { eventIds, eventCounts, order };
}

/** Packs records; all byte arrays of the result are views of one new buffer. */
export function packChunk(
  records: RecordColumns,
  firstSequence: number,
  texts: Uint8Array,
  between: Uint8Array,
): PackedChunk {
  const { count, timestamps } = records;
  const { eventIds, eventCounts, order } = orderByEvent(
    records.events,
    count,
    records.arguments.length,
  );
  const needed =
    (3 + records.arguments.length) * maxColumnBytes(count, eventIds.length) +
    texts.length +
    between.length;
  if (scratch.length < needed) scratch = new Uint8Array(needed);
  const out = scratch;
  const ends: number[] = [];
  const end = (at: number): number => ends[ends.push(at) - 1]!;
  let at = end(packNumbers(records.events, count, out, 0));
  at = end(packWords(timestamps, null, 0, count, out, at));
  at = end(packNumbers(records.pids, count, out, at));
  for (const words of records.arguments) {
    for (let block = 0, from = 0; block < eventIds.length; from += eventCounts[block]!, block += 1)
      at = packWords(words, order, from, eventCounts[block]!, out, at);
    end(at);
  }
  out.set(texts, at);
  at = end(at + texts.length);
  out.set(between, at);
  end(at + between.length);
  const bytes = out.slice(0, ends.at(-1));
  const [event, timestamp, pid, ...rest] = ends.map((to, index) =>
    bytes.subarray(index === 0 ? 0 : ends[index - 1]!, to),
  );
  return {
    firstSequence,
    count,
    ...timeRange(timestamps, count),
    eventIds,
    eventCounts,
    event: event!,
    timestamp: timestamp!,
    pid: pid!,
    arguments: rest.slice(0, -2),
    texts: rest.at(-2)!,
    between: rest.at(-1)!,
  };
}

function timeRange(timestamps: Uint32Array, count: number): { minNs: bigint; maxNs: bigint } {
  let min = 0;
  let max = 0;
  for (let row = 1; row < count; row += 1) {
    const h = timestamps[2 * row + 1]!;
    const l = timestamps[2 * row]!;
    if (
      h < timestamps[2 * min + 1]! ||
      (h === timestamps[2 * min + 1]! && l < timestamps[2 * min]!)
    )
      min = row;
    if (
      h > timestamps[2 * max + 1]! ||
      (h === timestamps[2 * max + 1]! && l > timestamps[2 * max]!)
    )
      max = row;
  }
  return { minNs: joinWords(timestamps, min), maxNs: joinWords(timestamps, max) };
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
  const argumentCount = chunk.arguments.length;
  const { order } = orderByEvent(events, count, argumentCount);
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
