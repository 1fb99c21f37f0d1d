// SPDX-License-Identifier: GPL-2.0-or-later
import { TRANSLATED_CODE, type CallGraph, type GraphFunction } from '#domain/profile/call-graph.js';

/** The file is not what callgrind writes. Uploaded code runs in the process that writes it. */
export class ProfileFormatError extends Error {}

/** Functions and calls of one profile, at most. A boot of Linux has some ten thousand blocks. */
const MOST_ENTRIES = 500_000;
const LONGEST_NAME = 512;

/** Returns the name of translated code at an address of the host. */
export type BlockNames = (address: bigint) => string;

/** A position, in decimal or hexadecimal; it may be relative to the last one of its kind. */
const POSITION = /^(\+|-)?(0x[0-9a-f]{1,16}|\d{1,10}|\*)$/;
const NAME = /^(\w+)=(?:\((\d{1,9})\))?(?: ?(.*))?$/;
/** Callgrind's number of a recursion's level: the calls of a function by itself are one entry. */
const RECURSION = /'\d+$/;
/** Callgrind has no object, and an address as the name, for code that it finds no symbols for. */
const NO_OBJECT = '???';
/**
 * Instructions per call from which code without symbols is translated code: QEMU's prologue alone
 * has more. Trampolines between libraries have two or three.
 */
const TRANSLATED_INSTRUCTIONS = 10;

interface Entry {
  readonly name: string;
  readonly object: string;
  readonly file: string;
  readonly pieces: Map<string, Map<number, number>>;
  /** Cost by address; empty for code with symbols, and in files without addresses. */
  readonly blocks: Map<number, number>;
  /** Number of calls of the function. */
  calls: number;
}

/**
 * Reads a file of callgrind: functions with the cost of their lines, and calls.
 *
 * @param blockName Names translated code; by default, all of it has one name.
 * @throws {ProfileFormatError} The file has another form, or too many functions.
 * @see https://valgrind.org/docs/manual/cl-format.html
 */
export function parseCallgrind(
  text: string,
  blockName: BlockNames = () => TRANSLATED_CODE,
): CallGraph {
  return new Reader(blockName).read(text);
}

class Reader {
  readonly #names = {
    object: new Map<string, string>(),
    file: new Map<string, string>(),
    fn: new Map<string, string>(),
  };
  readonly #indices = new Map<string, number>();
  readonly #entries: Entry[] = [];
  readonly #calls = new Map<string, { caller: number; callee: number; cost: number }>();
  #object = '';
  #fileOfFunction = '';
  #file = '';
  #current = -1;
  #calledObject: string | null = null;
  #calledFile: string | null = null;
  #callee = -1;
  #line = 0;
  #address = 0;
  /** The file has addresses beside lines. */
  #hasAddresses = false;
  #count = 0;
  /** The next line has the cost of a call. */
  #calling = false;

  constructor(private readonly blockName: BlockNames) {}

  read(text: string): CallGraph {
    let started = false;
    for (let start = 0; start < text.length;) {
      const newline = text.indexOf('\n', start);
      const end = newline === -1 ? text.length : newline;
      const line = text.slice(start, end);
      start = end + 1;
      if (/^(?:positions: (?!(?:instr )?line$)|events: (?!Ir$))/.test(line))
        throw new ProfileFormatError(`an unknown kind of profile: ${line.slice(0, 80)}`);
      if (line === 'positions: instr line') this.#hasAddresses = true;
      if (line === 'events: Ir') started = true;
      if (!started || line === '' || line.startsWith('#')) continue;
      const first = line.charCodeAt(0);
      if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 42)
        this.#cost(line);
      else this.#name(line);
    }
    if (!started) throw new ProfileFormatError('it lacks the line "events: Ir"');
    return this.#graph();
  }

  #name(line: string): void {
    const found = NAME.exec(line);
    if (found === null) return; // "totals: 7" and other lines of the heading
    const [, key, id, given = ''] = found;
    switch (key) {
      case 'ob':
        this.#object = this.#resolve('object', id, given);
        return;
      case 'fl':
        this.#fileOfFunction = this.#file = this.#resolve('file', id, given);
        return;
      case 'fi':
      case 'fe':
        this.#file = this.#resolve('file', id, given);
        return;
      case 'fn':
        this.#file = this.#fileOfFunction;
        this.#current = this.#entry(this.#object, this.#file, this.#resolve('fn', id, given));
        return;
      case 'cob':
        this.#calledObject = this.#resolve('object', id, given);
        return;
      case 'cfi':
      case 'cfl':
        this.#calledFile = this.#resolve('file', id, given);
        return;
      case 'cfn':
        this.#callee = this.#entry(
          this.#calledObject ?? this.#object,
          this.#calledFile ?? this.#file,
          this.#resolve('fn', id, given),
        );
        return;
      case 'calls':
        this.#calling = true;
        this.#count = Number(/^\d{1,15}/.exec(given)?.[0] ?? 0);
        return;
    }
  }

  #cost(line: string): void {
    const words = line.split(' ');
    if (this.#hasAddresses) this.#address = positionOf(words.shift(), this.#address);
    this.#line = positionOf(words.shift(), this.#line);
    const cost = Number(words[0] ?? 0);
    if (!Number.isSafeInteger(cost) || !Number.isSafeInteger(this.#line) || this.#current === -1)
      throw new ProfileFormatError(`a line without a position or a cost: ${line.slice(0, 80)}`);
    if (!this.#calling) {
      const { pieces, blocks, object } = this.#entries[this.#current]!;
      add(valueOf(pieces, this.#file), this.#line, cost);
      if (this.#hasAddresses && object === NO_OBJECT) add(blocks, this.#address, cost);
      return;
    }
    this.#calling = false;
    this.#calledObject = this.#calledFile = null;
    const callee = this.#entries[this.#callee];
    if (callee === undefined) throw new ProfileFormatError('a call without a callee');
    callee.calls += this.#count;
    this.#addCall(this.#current, this.#callee, cost);
  }

  #addCall(caller: number, callee: number, cost: number): void {
    const key = `${caller} ${callee}`;
    const call = this.#calls.get(key);
    if (call !== undefined) call.cost += cost;
    else if (this.#calls.size >= MOST_ENTRIES) throw new ProfileFormatError('too many calls');
    else this.#calls.set(key, { caller, callee, cost });
  }

  /** A name is written once, and by its number afterwards. */
  #resolve(kind: 'object' | 'file' | 'fn', id: string | undefined, given: string): string {
    // Postgres stores no NUL in a text.
    const name = given
      .replace(RECURSION, '')
      .slice(0, LONGEST_NAME)
      .replace(/\p{Cc}/gu, '?');
    if (id === undefined) return name;
    const names = this.#names[kind];
    if (given !== '') {
      if (names.size >= MOST_ENTRIES) throw new ProfileFormatError('too many names');
      names.set(id, name);
      return name;
    }
    const known = names.get(id);
    if (known === undefined) throw new ProfileFormatError(`the name (${id}) is unknown`);
    return known;
  }

  #entry(object: string, file: string, name: string): number {
    const entry = { object, name, file: file === NO_OBJECT ? '' : file };
    const key = `${object}\n${name}\n${entry.file}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    if (this.#entries.length >= MOST_ENTRIES) throw new ProfileFormatError('too many functions');
    this.#indices.set(key, this.#entries.length);
    return this.#entries.push({ ...entry, pieces: new Map(), blocks: new Map(), calls: 0 }) - 1;
  }

  #graph(): CallGraph {
    const functions = this.#entries.map((entry): GraphFunction => {
      const { name, object, file, pieces } = entry;
      if (isTranslated(entry)) return { ...TRANSLATED, pieces: pieceOf(this.#blocks(entry)[1]) };
      return {
        name: object === NO_OBJECT ? 'trampoline' : name,
        object: object === NO_OBJECT ? '' : object,
        file,
        pieces: [...pieces].map(([pieceFile, lines]) => ({
          file: pieceFile === NO_OBJECT ? '' : pieceFile,
          lines: [...lines].map(([line, self]) => ({ line, self })),
        })),
      };
    });
    for (const [caller, entry] of this.#entries.entries()) {
      if (!isTranslated(entry)) continue;
      for (const [name, self] of this.#blocks(entry)[0]) {
        const callee = functions.push({ ...TRANSLATED, name, pieces: pieceOf(self) }) - 1;
        this.#addCall(caller, callee, self);
      }
    }
    return { functions, calls: [...this.#calls.values()] };
  }

  /** Returns the cost of translated code by the names of its blocks, and the rest. */
  #blocks({ blocks, pieces }: Entry): [named: Map<string, number>, rest: number] {
    const named = new Map<string, number>();
    let rest = 0;
    for (const lines of pieces.values()) for (const self of lines.values()) rest += self;
    for (const [address, self] of blocks) {
      const name = this.blockName(BigInt(address));
      if (name === TRANSLATED_CODE) continue;
      add(named, name, self);
      rest -= self;
    }
    return [named, rest];
  }
}

const TRANSLATED = { name: TRANSLATED_CODE, object: '', file: '' } as const;

function isTranslated({ object, pieces, calls }: Entry): boolean {
  if (object !== NO_OBJECT) return false;
  let self = 0;
  for (const lines of pieces.values()) for (const cost of lines.values()) self += cost;
  return self >= TRANSLATED_INSTRUCTIONS * Math.max(1, calls);
}

function pieceOf(self: number): GraphFunction['pieces'] {
  return [{ file: '', lines: [{ line: 0, self }] }];
}

/** Returns a position that may be relative to the last one; NaN if the word is something else. */
function positionOf(word: string | undefined, last: number): number {
  const [, sign, digits] = POSITION.exec(word ?? '') ?? [];
  if (digits === undefined) return NaN;
  if (digits === '*') return last;
  return sign === undefined ? Number(digits) : last + (sign === '+' ? 1 : -1) * Number(digits);
}

function add<K>(sums: Map<K, number>, key: K, cost: number): void {
  sums.set(key, (sums.get(key) ?? 0) + cost);
}

function valueOf(maps: Map<string, Map<number, number>>, key: string): Map<number, number> {
  const known = maps.get(key) ?? new Map<number, number>();
  maps.set(key, known);
  return known;
}
