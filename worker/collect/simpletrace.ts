/**
 * Reader of trace files of QEMU's `simple` backend, format version 4.
 *
 * Sources: trace/simple.c and scripts/simpletrace.py of QEMU 7.2. All numbers are little-endian.
 *
 *     header   u64 0xffffffffffffffff, u64 0xf2b177cb0aa429b4, u64 version = 4
 *     mapping  u64 0, u64 event id, u32 length, name
 *     record   u64 1, u64 event id, u64 timestamp ns, u32 length (with these 24 bytes), u32 pid, arguments
 *     argument u64; text: u32 length, bytes
 *     dropped  a record with event id 0xfffffffffffffffe and one argument: how many
 *
 * Memory is constant: one window over the file, one batch, one entry per event. The loop over records creates no
 * objects and no bigints: 64-bit numbers are moved as two 32-bit words.
 */
import { MAX_ARGUMENTS, isTextType } from '../../services/domain/trace-batch.js';
import type { TraceBatch, TraceEventTotals, TraceReader, TraceTotals } from '../../services/domain/trace-batch.js';
import type { TraceEventArgument } from '../../services/contract/qemu.js';
import { recordedArguments } from './trace-events.js';
import type { DeclaredEvent } from './trace-events.js';

/** Records of one batch, at most. */
export const BATCH_RECORDS = 4096;
/** Longest record or name that is believed. */
export const MAX_RECORD_BYTES = 64 * 1024;

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 24; // behind the record type
const TYPE_BYTES = 8;
const MAX_EVENT_ID = 0x7fff; // kept as smallint; QEMU 7.2 has some thousand events
const WINDOW_BYTES = 256 * 1024;
const BATCH_TEXT_BYTES = 4 * 1024 * 1024; // a batch ends early with so much text

/** A file that is not what it claims to be. */
export class TraceFormatError extends Error {
  /** Where in the file, in bytes from its start. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason} (at byte ${offset})`);
    this.name = 'TraceFormatError';
    this.offset = offset;
  }
}

/**
 * The records of a trace file, in the order of the file.
 *
 * @param stream the file, in pieces of any size
 * @param events what the build declares (its trace-events-all); a file names only some of them
 * @returns batches of at most 4096 records, each with arrays of its own, then the totals. A file that ends within a
 *   record is `partial`, not an error
 * @throws TraceFormatError on a wrong magic or version, an unknown record type or event, or an impossible length
 */
export async function* readSimpleTrace(stream: AsyncIterable<Uint8Array>, events: readonly DeclaredEvent[]): TraceReader {
  const parser = new Parser(events);
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length;) {
      taken += parser.fill(chunk, taken);
      for (let batch = parser.parse(); batch !== null; batch = parser.parse()) yield batch;
    }
  }
  const rest = parser.takeBatch();
  if (rest !== null) yield rest;
  return parser.totals();
}

/** How records of one event are laid out, and what was counted of them. */
interface EventEntry {
  readonly id: number;
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** Per argument: 1 if it is text. */
  readonly text: Uint8Array;
  /** Length of a record without text, else -1. */
  readonly fixedLength: number;
  count: number;
  firstHigh: number;
  firstLow: number;
  lastHigh: number;
  lastLow: number;
}

/** A batch while it is filled. `words` are 32-bit views, low word first. */
interface OpenBatch {
  readonly firstSequence: number;
  readonly events: Uint16Array;
  readonly timestamps: BigUint64Array;
  readonly timestampWords: Uint32Array;
  readonly pids: Uint32Array;
  readonly columns: BigUint64Array[];
  readonly columnWords: Uint32Array[];
  readonly strings: string[];
  readonly stringIndexes: Map<string, number>;
}

class Parser {
  private readonly window = Buffer.alloc(WINDOW_BYTES);
  private readonly view = new DataView(this.window.buffer, this.window.byteOffset, WINDOW_BYTES);
  private start = 0;
  private end = 0;
  /** Offset in the file of the window's first byte. */
  private base = 0;
  private headerRead = false;

  private readonly declared: ReadonlyMap<string, DeclaredEvent>;
  /** By id: the event, or the name of one that is not declared. */
  private readonly entries: (EventEntry | string | undefined)[] = [];
  private records = 0;
  private dropped = 0;
  private batch: OpenBatch;
  private count = 0;
  private textBytes = 0;

  constructor(events: readonly DeclaredEvent[]) {
    this.declared = new Map(events.map((event) => [event.name, event]));
    this.batch = openBatch(0);
  }

  /** Moves bytes of the chunk into the window; returns how many. `parse` always makes room for more. */
  fill(chunk: Uint8Array, from: number): number {
    if (this.end === WINDOW_BYTES) {
      this.window.copyWithin(0, this.start, this.end);
      this.base += this.start;
      this.end -= this.start;
      this.start = 0;
    }
    const length = Math.min(chunk.length - from, WINDOW_BYTES - this.end);
    this.window.set(chunk.subarray(from, from + length), this.end);
    this.end += length;
    return length;
  }

  /** Reads what is complete in the window; returns a batch when it is full, null when more bytes are needed. */
  parse(): TraceBatch | null {
    if (!this.headerRead && !this.readHeader()) return null;
    const { view } = this;
    while (this.end - this.start >= TYPE_BYTES) {
      const type = view.getUint32(this.start, true);
      if (type > 1 || view.getUint32(this.start + 4, true) !== 0) throw this.error('unknown record type', 0);
      const complete = type === 1 ? this.readRecord() : this.readMapping();
      if (!complete) return null;
      if (this.count === BATCH_RECORDS || this.textBytes >= BATCH_TEXT_BYTES) return this.takeBatch();
    }
    return null;
  }

  /** The records since the last batch, or null if there are none. */
  takeBatch(): TraceBatch | null {
    if (this.count === 0) return null;
    const { firstSequence, events, timestamps, pids, columns, strings } = this.batch;
    const taken: TraceBatch = { firstSequence, count: this.count, events, timestamps, pids, arguments: columns, strings };
    this.batch = openBatch(this.records);
    this.count = 0;
    this.textBytes = 0;
    return taken;
  }

  totals(): TraceTotals {
    const events: TraceEventTotals[] = [];
    for (const entry of this.entries) {
      if (typeof entry !== 'object' || entry.count === 0) continue;
      const { id, name, count } = entry;
      events.push({
        id,
        name,
        arguments: entry.arguments,
        count,
        firstNs: join(entry.firstHigh, entry.firstLow),
        lastNs: join(entry.lastHigh, entry.lastLow),
      });
    }
    const first = events.map((event) => event.firstNs).reduce<bigint | null>((least, value) => (least === null || value < least ? value : least), null);
    const last = events.map((event) => event.lastNs).reduce<bigint | null>((most, value) => (most === null || value > most ? value : most), null);
    return {
      records: this.records,
      dropped: this.dropped,
      fileBytes: this.base + this.end,
      partial: !this.headerRead || this.end > this.start,
      firstNs: first,
      lastNs: last,
      events,
    };
  }

  private error(reason: string, at: number): TraceFormatError {
    return new TraceFormatError(reason, this.base + this.start + at);
  }

  private readHeader(): boolean {
    if (this.end - this.start < HEADER_BYTES) return false;
    const word = (at: number): bigint => this.view.getBigUint64(this.start + at, true);
    if (word(0) !== 0xffffffffffffffffn) throw this.error('no trace file: wrong header', 0);
    if (word(8) !== 0xf2b177cb0aa429b4n) throw this.error('no trace file: wrong magic number', 8);
    if (word(16) !== 4n) throw this.error(`format version ${word(16)} is not supported, only 4`, 16);
    this.start += HEADER_BYTES;
    this.headerRead = true;
    return true;
  }

  private readMapping(): boolean {
    const { view, start } = this;
    const fixed = TYPE_BYTES + 12;
    if (this.end - start < fixed) return false;
    const id = view.getUint32(start + 8, true);
    if (id > MAX_EVENT_ID || view.getUint32(start + 12, true) !== 0) throw this.error('impossible event id in a mapping', 8);
    const length = view.getUint32(start + 16, true);
    if (length > MAX_RECORD_BYTES) throw this.error(`impossible length ${length} of an event name`, 16);
    if (this.end - start < fixed + length) return false;

    const name = this.window.toString('latin1', start + fixed, start + fixed + length);
    const known = this.entries[id];
    const knownName = typeof known === 'object' ? known.name : known;
    if (knownName !== undefined && knownName !== name) throw this.error(`event id ${id} is mapped to two names`, 8);
    if (known === undefined) {
      const event = this.declared.get(name);
      this.entries[id] = event === undefined ? name : newEntry(id, event);
    }
    this.start += fixed + length;
    return true;
  }

  private readRecord(): boolean {
    const { view, start, batch } = this;
    const header = start + TYPE_BYTES;
    if (this.end - header < RECORD_HEADER_BYTES) return false;
    const idLow = view.getUint32(header, true);
    const idHigh = view.getUint32(header + 4, true);
    const length = view.getUint32(header + 16, true);
    if (length < RECORD_HEADER_BYTES || length > MAX_RECORD_BYTES) throw this.error(`impossible length ${length} of a record`, TYPE_BYTES + 16);
    if (idHigh !== 0) return this.readDropped(idHigh, idLow, length);

    const entry = this.entries[idLow];
    if (typeof entry !== 'object') throw this.unknownEvent(idLow, entry);
    if (entry.fixedLength >= 0 && length !== entry.fixedLength) {
      throw this.error(`a record of ${entry.name} has ${length} bytes, not ${entry.fixedLength}`, TYPE_BYTES + 16);
    }
    if (this.end - header < length) return false;

    const row = this.count;
    const low = view.getUint32(header + 8, true);
    const high = view.getUint32(header + 12, true);
    batch.events[row] = idLow;
    batch.timestampWords[2 * row] = low;
    batch.timestampWords[2 * row + 1] = high;
    batch.pids[row] = view.getUint32(header + 20, true);

    const recordEnd = header + length;
    const { text } = entry;
    while (batch.columns.length < text.length) addColumn(batch);
    let at = header + RECORD_HEADER_BYTES;
    for (let index = 0; index < text.length; index += 1) {
      const words = batch.columnWords[index]!;
      if (text[index] === 0) {
        if (at + 8 > recordEnd) throw this.error(`a record of ${entry.name} is too short for its arguments`, at - start);
        words[2 * row] = view.getUint32(at, true);
        words[2 * row + 1] = view.getUint32(at + 4, true);
        at += 8;
      } else {
        if (at + 4 > recordEnd) throw this.error(`a record of ${entry.name} is too short for its arguments`, at - start);
        const bytes = view.getUint32(at, true);
        if (bytes > recordEnd - at - 4) throw this.error(`impossible length ${bytes} of a text in a record of ${entry.name}`, at - start);
        words[2 * row] = this.stringIndex(at + 4, bytes);
        at += 4 + bytes;
      }
    }
    if (at !== recordEnd) throw this.error(`a record of ${entry.name} is longer than its arguments`, at - start);

    if (entry.count === 0 || high < entry.firstHigh || (high === entry.firstHigh && low < entry.firstLow)) {
      entry.firstHigh = high;
      entry.firstLow = low;
    }
    if (high > entry.lastHigh || (high === entry.lastHigh && low > entry.lastLow)) {
      entry.lastHigh = high;
      entry.lastLow = low;
    }
    entry.count += 1;
    this.count = row + 1;
    this.records += 1;
    this.start = recordEnd;
    return true;
  }

  private readDropped(idHigh: number, idLow: number, length: number): boolean {
    if (idHigh !== 0xffffffff || idLow !== 0xfffffffe) throw this.unknownEvent(join(idHigh, idLow), undefined);
    const expected = RECORD_HEADER_BYTES + 8;
    if (length !== expected) throw this.error(`a record of dropped records has ${length} bytes, not ${expected}`, TYPE_BYTES + 16);
    if (this.end - this.start < TYPE_BYTES + length) return false;
    // A C int that QEMU extended to 64 bits, so the low word is all of it.
    this.dropped += this.view.getUint32(this.start + TYPE_BYTES + RECORD_HEADER_BYTES, true);
    this.start += TYPE_BYTES + length;
    return true;
  }

  private unknownEvent(id: number | bigint, name: string | undefined): TraceFormatError {
    return this.error(name === undefined ? `unknown event id ${id}` : `event "${name.slice(0, 128)}" (id ${id}) is recorded but not declared`, TYPE_BYTES);
  }

  /** Place of a text in the batch's strings, from 1. Postgres cannot store U+0000, so it becomes U+FFFD. */
  private stringIndex(from: number, bytes: number): number {
    const { strings, stringIndexes } = this.batch;
    const value = this.window.toString('utf8', from, from + bytes).replaceAll('\0', '\ufffd');
    const known = stringIndexes.get(value);
    if (known !== undefined) return known;
    strings.push(value);
    stringIndexes.set(value, strings.length);
    this.textBytes += bytes;
    return strings.length;
  }
}

function newEntry(id: number, event: DeclaredEvent): EventEntry {
  const recorded = recordedArguments(event);
  if (recorded.length > MAX_ARGUMENTS) throw new RangeError(`event ${event.name} records more than ${MAX_ARGUMENTS} arguments`);
  const text = Uint8Array.from(recorded, ({ type }) => (isTextType(type) ? 1 : 0));
  const fixedLength = text.includes(1) ? -1 : RECORD_HEADER_BYTES + 8 * text.length;
  return { id, name: event.name, arguments: recorded, text, fixedLength, count: 0, firstHigh: 0, firstLow: 0, lastHigh: 0, lastLow: 0 };
}

function openBatch(firstSequence: number): OpenBatch {
  const timestamps = new BigUint64Array(BATCH_RECORDS);
  return {
    firstSequence,
    events: new Uint16Array(BATCH_RECORDS),
    timestamps,
    timestampWords: new Uint32Array(timestamps.buffer),
    pids: new Uint32Array(BATCH_RECORDS),
    columns: [],
    columnWords: [],
    strings: [],
    stringIndexes: new Map(),
  };
}

function addColumn(batch: OpenBatch): void {
  const column = new BigUint64Array(BATCH_RECORDS);
  batch.columns.push(column);
  batch.columnWords.push(new Uint32Array(column.buffer));
}

function join(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
