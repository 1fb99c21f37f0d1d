// SPDX-License-Identifier: GPL-2.0-or-later
const SLOTS = 65_536;
/** Limit for the texts of a dictionary: half of the slots, so that a search stays short. */
export const MAX_TEXTS = SLOTS / 2;

/** Deduplicates the texts of a chunk, as bytes. Finds a text by its hash and creates no strings. */
export class TextDictionary {
  /** The texts as a chunk stores them: u32 length, then bytes. */
  #bytes = Buffer.alloc(64 * 1024);
  #used = 0;
  #count = 0;
  readonly #starts = new Uint32Array(MAX_TEXTS);
  /** Per slot of the hash table: number of the text + 1; 0 if empty. */
  readonly #slots = new Uint16Array(SLOTS);

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#used;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  clear(): void {
    this.#used = 0;
    this.#count = 0;
    this.#slots.fill(0);
  }

  /** Returns the 0-based number of a text, which is added if it is new. */
  indexOf(source: Uint8Array, from: number, length: number): number {
    let hash = 0x811c9dc5; // FNV-1a
    for (let index = 0; index < length; index += 1)
      hash = Math.imul(hash ^ source[from + index]!, 0x01000193);
    for (let slot = (hash ^ (hash >>> 16)) & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const found = this.#slots[slot]!;
      if (found === 0) {
        this.#slots[slot] = this.#add(source, from, length);
        return this.#count - 1;
      }
      if (this.#equals(this.#starts[found - 1]!, source, from, length)) return found - 1;
    }
  }

  #equals(start: number, source: Uint8Array, from: number, length: number): boolean {
    const bytes = this.#bytes;
    if (bytes.readUInt32LE(start) !== length) return false;
    for (let index = 0; index < length; index += 1)
      if (bytes[start + 4 + index] !== source[from + index]) return false;
    return true;
  }

  #add(source: Uint8Array, from: number, length: number): number {
    const end = this.#used + 4 + length;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(2 * end);
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.writeUInt32LE(length, this.#used);
    this.#bytes.set(source.subarray(from, from + length), this.#used + 4);
    this.#starts[this.#count] = this.#used;
    this.#used = end;
    this.#count += 1;
    return this.#count;
  }
}
