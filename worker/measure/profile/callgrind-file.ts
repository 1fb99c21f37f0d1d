// SPDX-License-Identifier: GPL-2.0-or-later
import {
  TRANSLATED_CODE,
  type CallGraph,
  type GraphFunction,
  type LineCost,
} from '#domain/profile/call-graph.js';

/** The file is not what callgrind writes. Uploaded code runs in the process that writes it. */
export class ProfileFormatError extends Error {}

/** Functions and calls of one profile, at most. A boot of Linux has some ten thousand blocks. */
const MOST_ENTRIES = 500_000;
const LONGEST_NAME = 512;

/** Returns the name of translated code at an address of the host. */
export type BlockNames = (address: bigint) => string;

/** Positions in the file are relative to the last one. */
const POSITION = /^(\+|-)?(\d{1,10}|\*)$/;
const NAME = /^(\w+)=(?:\((\d{1,9})\))?(?: ?(.*))?$/;
/** Callgrind's number of a recursion's level: the calls of a function by itself are one entry. */
const RECURSION = /'\d+$/;
/** Callgrind has no object, and an address as the name, for code that no file holds. */
const NO_OBJECT = '???';

interface Entry {
  readonly name: string;
  readonly object: string;
  readonly file: string;
  readonly pieces: Map<string, Map<number, number>>;
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
      if (/^(?:positions: (?!line$)|events: (?!Ir$))/.test(line))
        throw new ProfileFormatError(`an unknown kind of profile: ${line.slice(0, 80)}`);
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
        return;
    }
  }

  #cost(line: string): void {
    const [position = '', amount = '0'] = line.split(' ');
    const found = POSITION.exec(position);
    const cost = Number(amount);
    if (found === null || !Number.isSafeInteger(cost) || this.#current === -1)
      throw new ProfileFormatError(`a line without a position or a cost: ${line.slice(0, 80)}`);
    const [, sign, digits] = found;
    if (digits !== '*') {
      const number = Number(digits);
      this.#line = sign === undefined ? number : this.#line + (sign === '+' ? number : -number);
    }
    if (!this.#calling) {
      const { pieces } = this.#entries[this.#current]!;
      const lines = pieces.get(this.#file) ?? new Map<number, number>();
      pieces.set(this.#file, lines);
      lines.set(this.#line, (lines.get(this.#line) ?? 0) + cost);
      return;
    }
    this.#calling = false;
    this.#calledObject = this.#calledFile = null;
    if (this.#callee === -1) throw new ProfileFormatError('a call without a callee');
    const key = `${this.#current} ${this.#callee}`;
    const call = this.#calls.get(key);
    if (call !== undefined) call.cost += cost;
    else if (this.#calls.size >= MOST_ENTRIES) throw new ProfileFormatError('too many calls');
    else this.#calls.set(key, { caller: this.#current, callee: this.#callee, cost });
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
    const address = object === NO_OBJECT ? /^0x([0-9a-f]{1,16})$/.exec(name)?.[1] : undefined;
    const entry =
      address === undefined
        ? { object, name, file: file === NO_OBJECT ? '' : file }
        : { object: '', name: this.blockName(BigInt(`0x${address}`)), file: '' };
    const key = `${entry.object}\n${entry.name}\n${entry.file}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    if (this.#entries.length >= MOST_ENTRIES) throw new ProfileFormatError('too many functions');
    this.#indices.set(key, this.#entries.length);
    return this.#entries.push({ ...entry, pieces: new Map() }) - 1;
  }

  #graph(): CallGraph {
    const linesOf = (lines: ReadonlyMap<number, number>): LineCost[] =>
      [...lines].map(([line, self]) => ({ line, self }));
    const functions = this.#entries.map(({ name, object, file, pieces }): GraphFunction => ({
      name,
      object,
      file,
      pieces: [...pieces].map(([pieceFile, lines]) => ({
        file: pieceFile === NO_OBJECT ? '' : pieceFile,
        lines: linesOf(lines),
      })),
    }));
    return { functions, calls: [...this.#calls.values()] };
  }
}
