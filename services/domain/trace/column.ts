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

/** Largest number of values in a block. */
const MAX_BLOCK_NUMBERS = 65_536;
const DIFFERENCES = 16;
const PLAIN_HEADER_BYTES = 9;
const DIFFERENCES_HEADER_BYTES = 17;

/** Returns the largest size in bytes of a column with these counts of numbers and blocks. */
export const maxColumnBytes = (numbers: number, blocks: number): number =>
  8 * numbers + DIFFERENCES_HEADER_BYTES * blocks;

// Shared buffers: one block is packed at a time, without yielding to other code.
const low = new Uint32Array(MAX_BLOCK_NUMBERS);
const high = new Int32Array(MAX_BLOCK_NUMBERS);
const zigzagLow = new Uint32Array(MAX_BLOCK_NUMBERS);
const zigzagHigh = new Uint32Array(MAX_BLOCK_NUMBERS);

/**
 * Packs a block of 64-bit numbers.
 *
 * @param words The numbers' words; number `row` is at 2 * row.
 * @param order Rows in the order of the block, or null for the order of `words`.
 * @param from First index in that order.
 * @param count Numbers in the block.
 * @param out Buffer to write to, with maxColumnBytes left from `at` on.
 * @returns The end of the block in `out`.
 */
export function packWords(
  words: Uint32Array,
  order: Uint32Array | null,
  from: number,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  for (let index = 0; index < count; index += 1) {
    const row = order === null ? from + index : order[from + index]!;
    low[index] = words[2 * row]!;
    high[index] = words[2 * row + 1]!;
  }
  return pack(count, out, at);
}

/** Packs a block of numbers of at most 32 bits. */
export function packNumbers(
  numbers: Uint16Array | Uint32Array,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  for (let index = 0; index < count; index += 1) low[index] = numbers[index]!;
  high.fill(0, 0, count);
  return pack(count, out, at);
}

function pack(count: number, out: Uint8Array, at: number): number {
  if (count === 0) return at;
  let minHigh = high[0]!;
  let minLow = low[0]!;
  let maxHigh = minHigh;
  let maxLow = minLow;
  let minZigzagHigh = 0;
  let minZigzagLow = 0;
  let maxZigzagHigh = 0;
  let maxZigzagLow = 0;
  let overflow = 0;
  let previousHigh = minHigh;
  let previousLow = minLow;
  for (let index = 1; index < count; index += 1) {
    const h = high[index]!;
    const l = low[index]!;
    if (h < minHigh || (h === minHigh && l < minLow)) {
      minHigh = h;
      minLow = l;
    } else if (h > maxHigh || (h === maxHigh && l > maxLow)) {
      maxHigh = h;
      maxLow = l;
    }
    const differenceLow = (l - previousLow) | 0;
    const differenceHigh = (h - previousHigh - (l < previousLow ? 1 : 0)) | 0;
    overflow |= (h ^ previousHigh) & (h ^ differenceHigh);
    const sign = differenceHigh >> 31;
    const zl = ((differenceLow << 1) ^ sign) >>> 0;
    const zh = (((differenceHigh << 1) | (differenceLow >>> 31)) ^ sign) >>> 0;
    zigzagLow[index] = zl;
    zigzagHigh[index] = zh;
    if (index === 1 || zh < minZigzagHigh || (zh === minZigzagHigh && zl < minZigzagLow)) {
      minZigzagHigh = zh;
      minZigzagLow = zl;
    }
    if (zh > maxZigzagHigh || (zh === maxZigzagHigh && zl > maxZigzagLow)) {
      maxZigzagHigh = zh;
      maxZigzagLow = zl;
    }
    previousHigh = h;
    previousLow = l;
  }
  const width = widthOf(
    (maxHigh - minHigh - (maxLow < minLow ? 1 : 0)) >>> 0,
    (maxLow - minLow) >>> 0,
  );
  const zigzagWidth = widthOf(
    maxZigzagHigh - minZigzagHigh - (maxZigzagLow < minZigzagLow ? 1 : 0),
    (maxZigzagLow - minZigzagLow) >>> 0,
  );
  // Decoded numbers must fit in 63 bits: SQL has no larger integers.
  const fits = overflow >= 0 && maxZigzagHigh < 0x4000_0000;
  if (fits && count > 1 && zigzagWidth < width) {
    zigzagLow[0] = minZigzagLow; // never read; this value packs to zeros
    zigzagHigh[0] = minZigzagHigh;
    out[at] = DIFFERENCES + zigzagWidth;
    writeWords(out, at + 1, minZigzagLow, minZigzagHigh);
    writeWords(out, at + 9, low[0]!, high[0]!);
    return writePlanes(
      zigzagLow,
      zigzagHigh,
      minZigzagHigh,
      minZigzagLow,
      zigzagWidth,
      count,
      out,
      at + DIFFERENCES_HEADER_BYTES,
    );
  }
  const baseHigh = width === 8 ? 0 : minHigh;
  const baseLow = width === 8 ? 0 : minLow;
  out[at] = width;
  writeWords(out, at + 1, baseLow, baseHigh);
  return writePlanes(low, high, baseHigh, baseLow, width, count, out, at + PLAIN_HEADER_BYTES);
}

/** Returns the bytes of a number without its leading zeros. */
function widthOf(highWord: number, lowWord: number): number {
  return highWord !== 0 ? 8 - (Math.clz32(highWord) >>> 3) : 4 - (Math.clz32(lowWord) >>> 3);
}

function writeWords(out: Uint8Array, at: number, lowWord: number, highWord: number): void {
  for (let byte = 0; byte < 4; byte += 1) {
    out[at + byte] = lowWord >>> (8 * byte);
    out[at + 4 + byte] = highWord >>> (8 * byte);
  }
}

function writePlanes(
  lows: Uint32Array,
  highs: Int32Array | Uint32Array,
  baseHigh: number,
  baseLow: number,
  width: number,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  if (width > 4) {
    for (let index = 0; index < count; index += 1)
      highs[index] = highs[index]! - baseHigh - (lows[index]! < baseLow ? 1 : 0);
    for (let plane = width - 1; plane >= 4; plane -= 1, at += count) {
      const shift = 8 * (plane - 4);
      for (let index = 0; index < count; index += 1) out[at + index] = highs[index]! >>> shift;
    }
  }
  for (let plane = Math.min(width, 4) - 1; plane >= 0; plane -= 1, at += count) {
    const shift = 8 * plane;
    for (let index = 0; index < count; index += 1)
      out[at + index] = ((lows[index]! - baseLow) >>> 0) >>> shift;
  }
  return at;
}

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
