// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Rows of trace_chunk in COPY's binary format.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html ("Binary Format")
 */
import { MAX_ARGUMENTS } from '#domain/trace/argument-type.js';
import type { PackedChunk } from '#domain/trace/chunk.js';

export const ARGUMENT_COLUMNS = Array.from(
  { length: MAX_ARGUMENTS },
  (_, index) => `argument${index}`,
);
export const CHUNK_COLUMNS = [
  'trace_id',
  'first_sequence',
  'record_count',
  'min_ns',
  'max_ns',
  'event_ids',
  'event_counts',
  'event',
  'timestamp',
  'pid',
  ...ARGUMENT_COLUMNS,
  'texts',
  'between',
];

export const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);
const OID = { int2: 21, int4: 23 } as const;
const NULL_FIELD = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** Encodes one row of trace_chunk. */
export function chunkRow(traceId: string, chunk: PackedChunk): Buffer {
  const fieldCount = Buffer.alloc(2);
  fieldCount.writeInt16BE(CHUNK_COLUMNS.length);
  return Buffer.concat([
    fieldCount,
    bigintField(BigInt(traceId)),
    bigintField(BigInt(chunk.firstSequence)),
    integerField(chunk.count),
    bigintField(chunk.minNs),
    bigintField(chunk.maxNs),
    arrayField(OID.int2, chunk.eventIds),
    arrayField(OID.int4, chunk.eventCounts),
    ...bytesField(chunk.event),
    ...bytesField(chunk.timestamp),
    ...bytesField(chunk.pid),
    ...ARGUMENT_COLUMNS.flatMap((_, index) =>
      index < chunk.arguments.length ? bytesField(chunk.arguments[index]!) : [NULL_FIELD],
    ),
    ...bytesField(chunk.texts),
    ...bytesField(chunk.between),
  ]);
}

function bigintField(value: bigint): Buffer {
  const field = Buffer.alloc(12);
  field.writeInt32BE(8);
  field.writeBigInt64BE(value, 4);
  return field;
}

function integerField(value: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeInt32BE(4);
  field.writeInt32BE(value, 4);
  return field;
}

function bytesField(bytes: Uint8Array): [Buffer, Uint8Array] {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return [length, bytes];
}

/** Encodes a one-dimensional array that has elements and no nulls. */
function arrayField(elementType: number, values: readonly number[]): Buffer {
  const elementBytes = elementType === OID.int2 ? 2 : 4;
  const field = Buffer.alloc(4 + 20 + values.length * (4 + elementBytes));
  field.writeInt32BE(field.length - 4);
  field.writeInt32BE(1, 4); // dimensions
  field.writeInt32BE(0, 8);
  field.writeInt32BE(elementType, 12);
  field.writeInt32BE(values.length, 16);
  field.writeInt32BE(1, 20); // lower bound
  let at = 24;
  for (const value of values) {
    at = field.writeInt32BE(elementBytes, at);
    at = field.writeIntBE(value, at, elementBytes);
  }
  return field;
}
