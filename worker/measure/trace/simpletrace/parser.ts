// SPDX-License-Identifier: GPL-2.0-or-later
import { isTextType } from '#domain/trace/argument-type.js';
import type { TraceEventArgument } from '#contract/qemu.js';
import { EVENT_IDS, MAX_EVENTS, WINDOW_BYTES } from '#domain/trace/native/limits.js';
import { HEADER_BYTES, RECORD_HEADER_BYTES, TYPE_BYTES } from '#domain/trace/simple-format.js';
import { recordedArguments, type DeclaredEvent } from '../trace-events.js';
import { Batch } from './batch.js';
import { MAX_BETWEEN_BYTES, MAX_RECORD_BYTES, TraceFormatError } from './format.js';

/** Layout of one event's records. */
export interface EventEntry {
  readonly id: number;
  /** 0-based number in the order of the file. */
  readonly number: number;
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
  /** Per argument: whether it is text. */
  readonly text: readonly boolean[];
  /** Length of a record without text, else -1. */
  readonly fixedLength: number;
}

/**
 * Parses a trace file, piece by piece, into a batch.
 *
 * Memory is constant: one window over the file, one batch, one entry per event. Records are read by
 * native/records.c; this class reads everything else, and names the errors.
 */
export class Parser {
  readonly batch: Batch;
  /** Records that QEMU reported as dropped. */
  dropped = 0;
  readonly #window: Buffer;
  readonly #view: DataView;
  #start = 0;
  #end = 0;
  /** Offset in the file of the window's first byte. */
  #base = 0;
  #headerRead = false;
  readonly #declared: ReadonlyMap<string, DeclaredEvent>;
  /** Events by id; an undeclared event has only its name. */
  readonly #entries: (EventEntry | string | undefined)[] = [];
  #mapped = 0;
  /** Names of the declared events that the file has named; an event's number is its place. */
  readonly #named = new Set<string>();

  constructor(events: readonly DeclaredEvent[]) {
    this.batch = new Batch(Math.min(events.length, MAX_EVENTS));
    const { buffer, byteOffset, length } = this.batch.records.window;
    this.#window = Buffer.from(buffer, byteOffset, length);
    this.#view = new DataView(buffer, byteOffset, length);
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

  /** Declared events that the file names, by id. */
  get entries(): EventEntry[] {
    return this.#entries.filter((entry) => typeof entry === 'object');
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
    const { records } = this.batch;
    for (;;) {
      this.#start = records.parse(this.#start, this.#end);
      if (records.full) return true;
      if (this.#end - this.#start < TYPE_BYTES) return false;
      const type = this.#view.getUint32(this.#start, true);
      if (type > 1 || this.#view.getUint32(this.#start + 4, true) !== 0)
        throw this.#error('unknown record type', 0);
      const complete = type === 1 ? this.#readOtherRecord() : this.#readMapping();
      if (!complete) return false;
    }
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

  #declare(id: number, event: DeclaredEvent): EventEntry {
    const number = this.#named.size;
    if (this.#named.has(event.name)) throw this.#error(`event "${event.name}" has two ids`, 8);
    this.#named.add(event.name);
    const parameters = recordedArguments(event); // at most MAX_ARGUMENTS, by parseTraceEvents
    const text = parameters.map(({ type }) => isTextType(type));
    this.batch.records.declare(id, number, text);
    const fixedLength = text.includes(true) ? -1 : RECORD_HEADER_BYTES + 8 * text.length;
    return { id, number, name: event.name, arguments: parameters, text, fixedLength };
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
    if (id >= EVENT_IDS || view.getUint32(start + 12, true) !== 0)
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
      this.#entries[id] = event === undefined ? name : this.#declare(id, event);
    }
    this.#keep(fixed + length);
    return true;
  }

  /**
   * Reads an entry that the batch did not take as a record: a count of dropped records, or the
   * start of a record.
   *
   * @returns False if it is incomplete.
   * @throws {TraceFormatError} It is malformed.
   */
  #readOtherRecord(): boolean {
    const view = this.#view;
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
    if (view.getUint32(header + 12, true) > 0x7fff_ffff)
      throw this.#error('impossible timestamp', TYPE_BYTES + 8);

    const end = header + length;
    let at = header + RECORD_HEADER_BYTES;
    for (const text of entry.text) {
      const fixed = text ? 4 : 8;
      if (at + fixed > end)
        throw this.#error(`a record of ${entry.name} is too short for its arguments`, at - start);
      const bytes = text ? view.getUint32(at, true) : 0;
      if (bytes > end - at - fixed)
        throw this.#error(
          `impossible length ${bytes} of a text in a record of ${entry.name}`,
          at - start,
        );
      at += fixed + bytes;
    }
    throw this.#error(`a record of ${entry.name} is longer than its arguments`, at - start);
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
