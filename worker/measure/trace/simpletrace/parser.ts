// SPDX-License-Identifier: GPL-2.0-or-later
import { isTextType } from '#domain/trace/argument-type.js';
import type { TraceEventArgument } from '#contract/qemu.js';
import { HEADER_BYTES, RECORD_HEADER_BYTES, TYPE_BYTES } from '#domain/trace/simple-format.js';
import { recordedArguments, type DeclaredEvent } from '../trace-events.js';
import { Batch } from './batch.js';
import {
  MAX_BETWEEN_BYTES,
  MAX_EVENTS,
  MAX_EVENT_ID,
  MAX_RECORD_BYTES,
  TraceFormatError,
} from './format.js';

const WINDOW_BYTES = 256 * 1024;

/** Layout of one event's records. */
export interface EventEntry {
  readonly id: number;
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** Per argument: 1 if it is text. */
  readonly text: Uint8Array;
  /** Length of a record without text, else -1. */
  readonly fixedLength: number;
}

/**
 * Parses a trace file, piece by piece, into a batch.
 *
 * Memory is constant: one window over the file, one batch, one entry per event. The loop over
 * records creates no objects and no bigints: 64-bit numbers are moved as two 32-bit words.
 */
export class Parser {
  readonly batch = new Batch();
  /** Records that QEMU reported as dropped. */
  dropped = 0;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer, this.#window.byteOffset, WINDOW_BYTES);
  #start = 0;
  #end = 0;
  /** Offset in the file of the window's first byte. */
  #base = 0;
  #headerRead = false;
  readonly #declared: ReadonlyMap<string, DeclaredEvent>;
  /** Events by id; an undeclared event has only its name. */
  readonly #entries: (EventEntry | string | undefined)[] = [];
  #mapped = 0;

  constructor(events: readonly DeclaredEvent[]) {
    this.#declared = new Map(events.map((event) => [event.name, event]));
  }

  /** Offset in the file of the first unparsed byte. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** Bytes of an incomplete entry. */
  get rest(): Uint8Array {
    return this.#window.subarray(this.#start, this.#end);
  }

  get headerRead(): boolean {
    return this.#headerRead;
  }

  entry(id: number): EventEntry {
    return this.#entries[id] as EventEntry;
  }

  /**
   * Moves bytes of a piece into the window and returns their number. `parse` always frees space.
   */
  fill(piece: Uint8Array, from: number): number {
    if (this.#end === WINDOW_BYTES) {
      this.#window.copyWithin(0, this.#start, this.#end);
      this.#base += this.#start;
      this.#end -= this.#start;
      this.#start = 0;
    }
    const length = Math.min(piece.length - from, WINDOW_BYTES - this.#end);
    this.#window.set(piece.subarray(from, from + length), this.#end);
    this.#end += length;
    return length;
  }

  /**
   * Reads the complete entries in the window.
   *
   * @returns True when the batch is full and must be taken, false when more bytes are needed.
   * @throws {TraceFormatError} An entry is malformed; earlier records are in the batch.
   */
  parse(): boolean {
    if (!this.#headerRead && !this.#readHeader()) return false;
    while (this.#end - this.#start >= TYPE_BYTES) {
      const type = this.#view.getUint32(this.#start, true);
      if (type > 1 || this.#view.getUint32(this.#start + 4, true) !== 0)
        throw this.#error('unknown record type', 0);
      const complete = type === 1 ? this.#readRecord() : this.#readMapping();
      if (!complete) return false;
      if (this.batch.full) return true;
    }
    return false;
  }

  #error(reason: string, at: number): TraceFormatError {
    return new TraceFormatError(reason, this.#base + this.#start + at);
  }

  #readHeader(): boolean {
    if (this.#end - this.#start < HEADER_BYTES) return false;
    const word = (at: number): bigint => this.#view.getBigUint64(this.#start + at, true);
    if (word(0) !== 0xffffffffffffffffn) throw this.#error('not a trace file: wrong header', 0);
    if (word(8) !== 0xf2b177cb0aa429b4n)
      throw this.#error('not a trace file: wrong magic number', 8);
    if (word(16) !== 4n)
      throw this.#error(`format version ${word(16)} is not supported, only 4`, 16);
    this.#keep(HEADER_BYTES);
    this.#headerRead = true;
    return true;
  }

  /** Stores an entry that is not a record as it stands. */
  #keep(length: number): void {
    if (this.batch.between.length + length > MAX_BETWEEN_BYTES)
      throw this.#error(`more than ${MAX_BETWEEN_BYTES} bytes between records`, 0);
    this.batch.keep(this.#window.subarray(this.#start, this.#start + length));
    this.#start += length;
  }

  #readMapping(): boolean {
    const view = this.#view;
    const start = this.#start;
    const fixed = TYPE_BYTES + 12;
    if (this.#end - start < fixed) return false;
    const id = view.getUint32(start + 8, true);
    if (id > MAX_EVENT_ID || view.getUint32(start + 12, true) !== 0)
      throw this.#error('impossible event id in a mapping', 8);
    const length = view.getUint32(start + 16, true);
    if (length > MAX_RECORD_BYTES)
      throw this.#error(`impossible length ${length} of an event name`, 16);
    if (this.#end - start < fixed + length) return false;

    const name = this.#window.toString('latin1', start + fixed, start + fixed + length);
    const known = this.#entries[id];
    const knownName = typeof known === 'object' ? known.name : known;
    if (knownName !== undefined && knownName !== name)
      throw this.#error(`event id ${id} is mapped to two names`, 8);
    if (known === undefined) {
      if ((this.#mapped += 1) > MAX_EVENTS) throw this.#error(`more than ${MAX_EVENTS} events`, 8);
      const event = this.#declared.get(name);
      this.#entries[id] = event === undefined ? name : newEntry(id, event);
    }
    this.#keep(fixed + length);
    return true;
  }

  #readRecord(): boolean {
    const view = this.#view;
    const { batch } = this;
    const start = this.#start;
    const header = start + TYPE_BYTES;
    if (this.#end - header < RECORD_HEADER_BYTES) return false;
    const idLow = view.getUint32(header, true);
    const idHigh = view.getUint32(header + 4, true);
    const length = view.getUint32(header + 16, true);
    if (length < RECORD_HEADER_BYTES || length > MAX_RECORD_BYTES)
      throw this.#error(`impossible length ${length} of a record`, TYPE_BYTES + 16);
    if (idHigh !== 0) return this.#readDropped(idHigh, idLow, length);

    const entry = this.#entries[idLow];
    if (typeof entry !== 'object') throw this.#unknownEvent(idLow, entry);
    if (entry.fixedLength >= 0 && length !== entry.fixedLength) {
      throw this.#error(
        `a record of ${entry.name} has ${length} bytes, not ${entry.fixedLength}`,
        TYPE_BYTES + 16,
      );
    }
    if (this.#end - header < length) return false;

    const row = batch.count;
    const timestampHigh = view.getUint32(header + 12, true);
    if (timestampHigh > 0x7fff_ffff) throw this.#error('impossible timestamp', TYPE_BYTES + 8);
    batch.events[row] = idLow;
    batch.timestamps[2 * row] = view.getUint32(header + 8, true);
    batch.timestamps[2 * row + 1] = timestampHigh;
    batch.pids[row] = view.getUint32(header + 20, true);

    const end = header + length;
    const { text } = entry;
    while (batch.columns.length < text.length) batch.addColumn();
    let at = header + RECORD_HEADER_BYTES;
    for (let index = 0; index < text.length; index += 1) {
      const words = batch.columns[index]!;
      if (text[index] === 0) {
        if (at + 8 > end)
          throw this.#error(`a record of ${entry.name} is too short for its arguments`, at - start);
        words[2 * row] = view.getUint32(at, true);
        words[2 * row + 1] = view.getUint32(at + 4, true);
        at += 8;
      } else {
        if (at + 4 > end)
          throw this.#error(`a record of ${entry.name} is too short for its arguments`, at - start);
        const bytes = view.getUint32(at, true);
        if (bytes > end - at - 4)
          throw this.#error(
            `impossible length ${bytes} of a text in a record of ${entry.name}`,
            at - start,
          );
        words[2 * row] = batch.texts.indexOf(this.#window, at + 4, bytes);
        words[2 * row + 1] = 0;
        at += 4 + bytes;
      }
    }
    if (at !== end)
      throw this.#error(`a record of ${entry.name} is longer than its arguments`, at - start);
    for (let index = text.length; index < batch.columns.length; index += 1) {
      const words = batch.columns[index]!;
      words[2 * row] = 0;
      words[2 * row + 1] = 0;
    }
    batch.count = row + 1;
    batch.fileBytes += end - start;
    this.#start = end;
    return true;
  }

  #readDropped(idHigh: number, idLow: number, length: number): boolean {
    if (idHigh !== 0xffffffff || idLow !== 0xfffffffe)
      throw this.#unknownEvent((BigInt(idHigh) << 32n) | BigInt(idLow), undefined);
    const expected = RECORD_HEADER_BYTES + 8;
    if (length !== expected)
      throw this.#error(
        `a record of dropped records has ${length} bytes, not ${expected}`,
        TYPE_BYTES + 16,
      );
    if (this.#end - this.#start < TYPE_BYTES + length) return false;
    // QEMU extended a C int to 64 bits, so the low word is the complete value.
    this.dropped += this.#view.getUint32(this.#start + TYPE_BYTES + RECORD_HEADER_BYTES, true);
    this.#keep(TYPE_BYTES + length);
    return true;
  }

  #unknownEvent(id: number | bigint, name: string | undefined): TraceFormatError {
    return this.#error(
      name === undefined
        ? `unknown event id ${id}`
        : `event "${name.slice(0, 128)}" (id ${id}) is recorded but not declared`,
      TYPE_BYTES,
    );
  }
}

function newEntry(id: number, event: DeclaredEvent): EventEntry {
  const recorded = recordedArguments(event); // at most MAX_ARGUMENTS, by parseTraceEvents
  const text = Uint8Array.from(recorded, ({ type }) => (isTextType(type) ? 1 : 0));
  const fixedLength = text.includes(1) ? -1 : RECORD_HEADER_BYTES + 8 * text.length;
  return { id, name: event.name, arguments: recorded, text, fixedLength };
}
