// SPDX-License-Identifier: GPL-2.0-or-later
import { argumentKind, type OpenChunk, type TraceEvent } from './record.js';
import { RECORD_HEADER_BYTES, TYPE_BYTES } from './simple-format.js';

/**
 * Rebuilds the part of the trace file that a chunk was made from, byte for byte.
 *
 * @param between The chunk's bytes that are not records.
 * @param events Events of the trace, by id.
 */
export function rebuild(
  chunk: OpenChunk,
  between: Uint8Array,
  events: ReadonlyMap<number, TraceEvent>,
): Buffer {
  const layouts = new Map(
    [...events].map(([id, event]) => [
      id,
      event.arguments.map(({ type }) => argumentKind(type) === 'text'),
    ]),
  );
  const out = Buffer.allocUnsafe(lengthOf(chunk, between, layouts));
  const entries = new DataView(between.buffer, between.byteOffset, between.length);
  let entry = 0;
  let at = 0;
  for (let row = 0; row <= chunk.count; row += 1) {
    for (; entry < between.length && entries.getUint32(entry, true) === row;) {
      const length = entries.getUint32(entry + 4, true);
      out.set(between.subarray(entry + 8, entry + 8 + length), at);
      at += length;
      entry += 8 + length;
    }
    if (row < chunk.count) at = writeRecord(chunk, row, layouts.get(chunk.events[row]!)!, out, at);
  }
  return out;
}

function lengthOf(
  chunk: OpenChunk,
  between: Uint8Array,
  layouts: ReadonlyMap<number, readonly boolean[]>,
): number {
  let length = between.length; // the loop below subtracts the entries' headers
  const entries = new DataView(between.buffer, between.byteOffset, between.length);
  for (let entry = 0; entry < between.length; entry += 8 + entries.getUint32(entry + 4, true))
    length -= 8;
  for (let row = 0; row < chunk.count; row += 1) {
    const texts = layouts.get(chunk.events[row]!)!;
    length += TYPE_BYTES + RECORD_HEADER_BYTES;
    for (let index = 0; index < texts.length; index += 1)
      length +=
        texts[index] === true ? 4 + chunk.texts[chunk.arguments[index]![2 * row]!]!.length : 8;
  }
  return length;
}

function writeRecord(
  chunk: OpenChunk,
  row: number,
  texts: readonly boolean[],
  out: Buffer,
  start: number,
): number {
  out.fill(0, start, start + TYPE_BYTES + 8);
  out.writeUInt32LE(1, start);
  out.writeUInt32LE(chunk.events[row]!, start + 8);
  out.writeUInt32LE(chunk.timestamps[2 * row]!, start + 16);
  out.writeUInt32LE(chunk.timestamps[2 * row + 1]!, start + 20);
  out.writeUInt32LE(chunk.pids[row]!, start + 28);
  let at = start + TYPE_BYTES + RECORD_HEADER_BYTES;
  for (let index = 0; index < texts.length; index += 1) {
    const words = chunk.arguments[index]!;
    if (texts[index] === true) {
      const text = chunk.texts[words[2 * row]!]!;
      out.writeUInt32LE(text.length, at);
      out.set(text, at + 4);
      at += 4 + text.length;
    } else {
      out.writeUInt32LE(words[2 * row]!, at);
      out.writeUInt32LE(words[2 * row + 1]!, at + 4);
      at += 8;
    }
  }
  out.writeUInt32LE(at - start - TYPE_BYTES, start + 24);
  return at;
}
