// SPDX-License-Identifier: GPL-2.0-or-later
import { decodeText } from './text.js';

/** Most levels of arrays and objects, and fields of one object. */
interface JsonLimits {
  readonly depth: number;
  readonly fields: number;
}

const UNLIMITED: JsonLimits = { depth: Infinity, fields: Infinity };
/** Characters of a key in a message. */
const SHOWN = 100;

/**
 * Parses a JSON file.
 * @throws {Error} The bytes are not UTF-8, the text is empty or not JSON, or an object has a key
 *   twice; the message says so.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  if (text.trim() === '') throw new Error('the file is empty');
  const value: unknown = JSON.parse(text);
  const fault = jsonFault(text);
  if (fault !== null) throw new Error(`the file ${fault}`);
  return value;
}

/**
 * Returns which rule a JSON text breaks: a limit, or that an object has each key once; null if
 * none. A parser would keep the last value of a repeated key. Reads the text once, without
 * recursion and without parsing it. A text that is not JSON may have any result.
 */
export function jsonFault(
  text: string,
  { depth: most, fields }: JsonLimits = UNLIMITED,
): string | null {
  const levels: Level[] = [];
  let depth = 0;
  /** Start and end of the newest string, with its quotes; the key if a colon follows. */
  let [start, end] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      start = at;
      at = endOfString(text, at);
      end = at + 1;
    } else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > most) return `is nested more than ${most} levels deep`;
      (levels[depth] ??= new Level()).open();
    } else if (code === BRACKET + 2 || code === BRACE + 2) {
      depth = Math.max(depth - 1, 0);
    } else if (code === COLON && depth > 0) {
      const key = keyOf(text.slice(start, end));
      if (!levels[depth]!.add(key))
        return `has the key ${JSON.stringify(key.slice(0, SHOWN))} twice`;
      if (levels[depth]!.fields > fields) return `has an object with more than ${fields} fields`;
    }
  }
  return null;
}

/** The open object of one depth. Earlier ones of the depth share its map, which is faster. */
class Level {
  fields = 0;
  #object = 0;
  /** Number of the newest object that has the key. */
  readonly #keys = new Map<string, number>();

  open(): void {
    this.fields = 0;
    this.#object += 1;
  }

  /** Returns false if the object has the key already. */
  add(key: string): boolean {
    this.fields += 1;
    if (this.#keys.get(key) === this.#object) return false;
    this.#keys.set(key, this.#object);
    return true;
  }
}

/** Returns a key without quotes and escapes: `"\\u0061"` is the key `a`. */
function keyOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

/** Returns the place of the quote that ends a string; the text's length if none does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE, COLON] = [0x22, 0x5c, 0x5b, 0x7b, 0x3a];
