// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Packs 64-bit numbers, one field of a chunk's records, into as few bytes as their values need.
 *
 * A column is a sequence of blocks, one per event of the chunk, with one number per record:
 *
 *     block   u8 width (0 to 8) + 16 if the block holds differences, i64 base, i64 first if differences, planes
 *     plane   a byte of every number; `width` planes, the highest first
 *
 * A number is the base plus the value of its planes. With differences, that sum is the zigzag code
 * of the number minus its predecessor, and the first number is `first`. The form with fewer bytes
 * is used, so constants and constant strides take no planes. High planes come first because they
 * repeat most: Postgres' pglz does not compress a value if its first kilobyte does not shrink. All
 * numbers are little-endian two's complement.
 *
 * 64-bit numbers are pairs of 32-bit words, low word first, because every bigint would be an
 * object.
 */

const DIFFERENCES = 16;
const PLAIN_HEADER_BYTES = 9;
const DIFFERENCES_HEADER_BYTES = 17;

/**
 * Unpacks one block.
 *
 * @param packed The column.
 * @param at Start of the block in `packed`.
 * @param words Receives the numbers' words, from number `to` on.
 * @returns The end of the block in `packed`.
 * @throws {RangeError} The column is shorter than its headers state.
 */
export function unpackWords(
  packed: Uint8Array,
  at: number,
  count: number,
  words: Uint32Array,
  to: number,
): number {
  if (count === 0) return at;
  const width = packed[at]! & 15;
  const differences = (packed[at]! & DIFFERENCES) !== 0;
  const header = differences ? DIFFERENCES_HEADER_BYTES : PLAIN_HEADER_BYTES;
  if (at + header + width * count > packed.length || width > 8)
    throw new RangeError('a packed column is too short');
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const baseLow = view.getUint32(at + 1, true);
  const baseHigh = view.getUint32(at + 5, true);
  words.fill(0, 2 * to, 2 * (to + count));
  let plane = at + header;
  for (let place = width - 1; place >= 0; place -= 1, plane += count) {
    const word = place >= 4 ? 1 : 0;
    const shift = 8 * (place & 3);
    for (let index = 0; index < count; index += 1)
      words[2 * (to + index) + word]! |= packed[plane + index]! << shift;
  }
  for (let index = 2 * to; index < 2 * (to + count); index += 2) {
    const sum = words[index]! + baseLow;
    words[index] = sum;
    words[index + 1] = words[index + 1]! + baseHigh + (sum > 0xffff_ffff ? 1 : 0);
  }
  if (differences)
    addUp(words, to, count, view.getUint32(at + 9, true), view.getUint32(at + 13, true));
  return plane;
}

function addUp(
  words: Uint32Array,
  to: number,
  count: number,
  firstLow: number,
  firstHigh: number,
): void {
  let sumLow = firstLow;
  let sumHigh = firstHigh;
  words[2 * to] = sumLow;
  words[2 * to + 1] = sumHigh;
  for (let index = 2 * to + 2; index < 2 * (to + count); index += 2) {
    const zl = words[index]!;
    const zh = words[index + 1]!;
    const sign = -(zl & 1);
    const sum = sumLow + ((((zl >>> 1) | (zh << 31)) ^ sign) >>> 0);
    sumHigh = (sumHigh + ((zh >>> 1) ^ sign) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
    sumLow = sum >>> 0;
    words[index] = sumLow;
    words[index + 1] = sumHigh;
  }
}
