// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import { CHUNK_RECORDS } from '#domain/trace/chunk.js';
import type { StoredChunk } from '#domain/trace/chunk.js';
import { ARGUMENT_COLUMNS } from './trace-copy.js';

/** A chunk as it is stored; `openChunk` unpacks its records. */
export interface ChunkRow extends StoredChunk {
  readonly firstSequence: bigint;
  readonly texts: Uint8Array;
  readonly between: Uint8Array;
}

/** Selects the chunks that can contain a matching record. */
export interface ChunkSelection {
  /** Sequence number of a record, not of a chunk. */
  readonly fromSequence: bigint;
  readonly eventIds?: readonly number[] | undefined;
  readonly fromNs?: bigint | undefined;
  readonly toNs?: bigint | undefined;
}

/** Maximum number of chunks per query; a chunk is about 100 kB. */
const MAX_FETCHED = 8;
const NO_BYTES = new Uint8Array(0);

/** Byte columns that a query reads; all others are left out. */
const FIELDS = {
  all: ['event', 'timestamp', 'pid', ...ARGUMENT_COLUMNS, 'texts', 'between'],
  times: ['event', 'timestamp'],
  pids: ['event', 'timestamp', 'pid'],
} as const;

/**
 * Yields the chunks of a trace in file order, a few per query. Byte columns that are not among the
 * fields are empty.
 */
export async function* readChunks(
  pool: pg.Pool,
  traceId: string,
  selection: ChunkSelection,
  fields: keyof typeof FIELDS = 'all',
): AsyncGenerator<ChunkRow> {
  let from = selection.fromSequence;
  // The first page of a list needs one chunk; longer reads fetch more per query.
  for (let limit = 1; ; limit = Math.min(2 * limit, MAX_FETCHED)) {
    const chunks = await fetchChunks(
      pool,
      traceId,
      { ...selection, fromSequence: from },
      FIELDS[fields],
      limit,
    );
    yield* chunks;
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < limit) return;
    from = last.firstSequence + BigInt(last.count);
  }
}

interface Row extends Record<`argument${number}`, Buffer | null | undefined> {
  first_sequence: string;
  record_count: number;
  event_ids: number[];
  event_counts: number[];
  event: Buffer;
  timestamp: Buffer;
  pid?: Buffer;
  texts?: Buffer;
  between?: Buffer;
}

async function fetchChunks(
  pool: pg.Pool,
  traceId: string,
  { fromSequence, eventIds, fromNs, toNs }: ChunkSelection,
  fields: readonly string[],
  limit: number,
): Promise<ChunkRow[]> {
  const { rows } = await pool.query<Row>(
    `SELECT first_sequence, record_count, event_ids, event_counts, ${fields.join(', ')}
     FROM trace_chunk
     WHERE trace_id = $1
       AND first_sequence > $2::bigint - ${CHUNK_RECORDS}
       AND first_sequence + record_count > $2
       AND ($3::smallint[] IS NULL OR event_ids && $3)
       AND ($4::bigint IS NULL OR max_ns >= $4)
       AND ($5::bigint IS NULL OR min_ns <= $5)
     ORDER BY first_sequence
     LIMIT $6`,
    [traceId, fromSequence, eventIds ?? null, fromNs ?? null, toNs ?? null, limit],
  );
  return rows.map(toChunk);
}

function toChunk(row: Row): ChunkRow {
  return {
    firstSequence: BigInt(row.first_sequence),
    count: row.record_count,
    eventIds: row.event_ids,
    eventCounts: row.event_counts,
    event: row.event,
    timestamp: row.timestamp,
    pid: row.pid ?? NO_BYTES,
    arguments: ARGUMENT_COLUMNS.map((name) => row[name as `argument${number}`]).filter(
      (column) => column != null,
    ),
    texts: row.texts ?? NO_BYTES,
    between: row.between ?? NO_BYTES,
  };
}
