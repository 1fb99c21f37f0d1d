// SPDX-License-Identifier: GPL-2.0-or-later
import type { TraceEventArgument } from '#contract/qemu.js';
import type { TraceRecord } from '#contract/trace.js';
import { isSignedType, isTextType } from './argument-type.js';
import {
  joinWords,
  readTexts,
  unpackChunk,
  type RecordColumns,
  type StoredChunk,
} from './chunk.js';

/** An event of a trace. */
export interface TraceEvent {
  /** Id of the event in this file. */
  readonly id: number;
  readonly name: string;
  readonly arguments: readonly TraceEventArgument[];
}

export type ArgumentKind = 'text' | 'signed' | 'unsigned';

export const argumentKind = (type: string): ArgumentKind =>
  isTextType(type) ? 'text' : isSignedType(type) ? 'signed' : 'unsigned';

/** Records of a stored chunk, with their texts. */
export interface OpenChunk extends RecordColumns {
  readonly firstSequence: bigint;
  /** Bytes, so that texts that are not valid UTF-8 stay distinct. */
  readonly texts: readonly Uint8Array[];
}

export function openChunk(
  chunk: StoredChunk & { readonly firstSequence: bigint; readonly texts: Uint8Array },
): OpenChunk {
  return {
    ...unpackChunk(chunk),
    firstSequence: chunk.firstSequence,
    texts: readTexts(chunk.texts),
  };
}

/** Decodes bytes as UTF-8; invalid bytes become U+FFFD. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** Returns one record as the API returns it. */
export function toRecord(chunk: OpenChunk, row: number, event: TraceEvent): TraceRecord {
  const values = event.arguments.map(
    ({ type, name }, index) => [name, valueOf(chunk, row, index, argumentKind(type))] as const,
  );
  return {
    sequence: (chunk.firstSequence + BigInt(row)).toString(),
    timestampNs: joinWords(chunk.timestamps, row).toString(),
    event: event.name,
    pid: chunk.pids[row]!,
    arguments: Object.fromEntries(values),
  };
}

function valueOf(chunk: OpenChunk, row: number, index: number, kind: ArgumentKind): string {
  const words = chunk.arguments[index]!;
  if (kind === 'text') return textOf(chunk.texts[words[2 * row]!]!);
  const high = kind === 'signed' ? words[2 * row + 1]! | 0 : words[2 * row + 1]!;
  // Most numbers are small, and bigints are slow.
  return high >= -0x20_0000 && high < 0x20_0000
    ? String(high * 2 ** 32 + words[2 * row]!)
    : ((BigInt(high) << 32n) + BigInt(words[2 * row]!)).toString();
}
