// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { argumentKind } from '#domain/trace/record.js';
import type { PackedTile } from '#domain/trace/time-histogram.js';
import type { TraceReader, TraceSource, TraceTotals } from '#domain/trace/trace-reader.js';
import { chunkRow, CHUNK_COLUMNS, COPY_HEADER, COPY_TRAILER } from './trace-copy.js';

export const FORMAT = 'simple/4';
/** Number of histogram tiles per INSERT statement. */
const TILES_PER_INSERT = 1_000;

/** Stored size of a chunk's columns in bytes; does not read their contents. */
const STORED_BYTES = CHUNK_COLUMNS.map((name) => `coalesce(pg_column_size(${name}), 0)`).join(
  ' + ',
);
/** Stored size of the summary of trace $1 in bytes; 64 stands for the smaller columns of a row. */
const SUMMARY_BYTES = `
  (SELECT coalesce(sum(pg_column_size(counts) + 64), 0)
   FROM trace_histogram
   WHERE trace_id = $1)
  + (SELECT coalesce(sum(
       pg_column_size(arguments) + coalesce(pg_column_size(inter_arrival), 0)
         + octet_length(name) + 64), 0)
     FROM trace_event
     WHERE trace_id = $1)
  + (SELECT pg_column_size(content)
     FROM trace_events_file
     JOIN trace ON events_digest = digest
     WHERE trace.id = $1)`;

/** The sample and the job that a trace belongs to. */
export interface TraceOwner {
  readonly sampleId: string;
  readonly jobId: string;
}

export interface WrittenTrace {
  readonly traceId: string;
  readonly totals: TraceTotals;
}

/**
 * Stores a trace while reading it, in one transaction: completely or not at all.
 *
 * @param source Read to its end; errors of its reader are rethrown.
 * @throws Errors of the database, for example if the sample does not exist.
 */
export async function writeTrace(
  pool: pg.Pool,
  owner: TraceOwner,
  { reader, eventsFile }: TraceSource,
): Promise<WrittenTrace> {
  const client = await pool.connect();
  let finished = false;
  try {
    await client.query('BEGIN');
    const inserted = await client.query<{ id: string }>(
      `INSERT INTO trace (
         sample_id, job_id, format, records, stored, dropped,
         file_bytes, raw_bytes, stored_bytes, tail, events_digest)
       VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, '', $4) RETURNING id`,
      [owner.sampleId, owner.jobId, FORMAT, await keepEventsFile(client, eventsFile)],
    );
    const traceId = inserted.rows[0]!.id;
    const totals = await copyChunks(client, traceId, reader);
    await writeEvents(client, traceId, totals);
    await writeHistogram(client, traceId, totals.histogram);
    await writeTotals(client, traceId, totals);
    await client.query('COMMIT');
    finished = true;
    return { traceId, totals };
  } finally {
    // A connection that failed within a COPY is not used again; closing it rolls back.
    client.release(!finished);
  }
}

async function keepEventsFile(client: pg.PoolClient, content: string): Promise<string> {
  const digest = createHash('sha256').update(content).digest('hex');
  await client.query(
    // The update locks an existing row: retention must not remove it before the trace refers to it.
    `INSERT INTO trace_events_file (digest, content) VALUES ($1, $2)
     ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest`,
    [digest, content],
  );
  return digest;
}

async function copyChunks(
  client: pg.PoolClient,
  traceId: string,
  reader: TraceReader,
): Promise<TraceTotals> {
  let totals: TraceTotals | null = null;
  async function* rows(): AsyncGenerator<Buffer> {
    yield COPY_HEADER;
    for (;;) {
      const next = await reader.next();
      if (next.done === true) {
        totals = next.value;
        break;
      }
      yield chunkRow(traceId, next.value);
    }
    yield COPY_TRAILER;
  }
  const copy = client.query(
    copyFrom(`COPY trace_chunk (${CHUNK_COLUMNS.join(', ')}) FROM STDIN WITH (FORMAT binary)`),
  );
  try {
    // Backpressure: the pipeline waits for the connection, the reader for the pipeline.
    await pipeline(Readable.from(rows(), { objectMode: false, highWaterMark: 1 }), copy);
  } finally {
    if (totals === null) await reader.return(undefined as never);
  }
  return totals!;
}

async function writeTotals(
  client: pg.PoolClient,
  traceId: string,
  totals: TraceTotals,
): Promise<void> {
  await client.query(
    `UPDATE trace
     SET records = $2, stored = $3, dropped = $4, file_bytes = $5, raw_bytes = $6, sha256 = $7,
       partial_reason = $8, tail = $9, first_ns = $10, last_ns = $11,
       summary_bytes = size.summary,
       stored_bytes = size.summary + size.records
     FROM (
       SELECT ${SUMMARY_BYTES} AS summary,
         (SELECT coalesce(sum(${STORED_BYTES}), 0)
          FROM trace_chunk
          WHERE trace_id = $1) + octet_length($9::bytea) AS records
     ) AS size
     WHERE id = $1`,
    [
      traceId,
      totals.records,
      totals.stored,
      totals.dropped,
      totals.fileBytes,
      totals.rawBytes,
      totals.sha256,
      totals.partialReason,
      Buffer.from(totals.tail),
      totals.firstNs,
      totals.lastNs,
    ],
  );
}

async function writeEvents(
  client: pg.PoolClient,
  traceId: string,
  { events }: TraceTotals,
): Promise<void> {
  for (const event of events) {
    const kinds = event.arguments.map(({ type }) => argumentKind(type)[0]).join('');
    await client.query(
      `INSERT INTO trace_event (
         trace_id, event_id, name, arguments, kinds, count, first_ns, last_ns, inter_arrival)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        traceId,
        event.id,
        event.name,
        JSON.stringify(event.arguments),
        kinds,
        event.count,
        event.firstNs,
        event.lastNs,
        event.interArrival,
      ],
    );
  }
}

async function writeHistogram(
  client: pg.PoolClient,
  traceId: string,
  tiles: readonly PackedTile[],
): Promise<void> {
  for (let from = 0; from < tiles.length; from += TILES_PER_INSERT) {
    const some = tiles.slice(from, from + TILES_PER_INSERT);
    await client.query(
      `INSERT INTO trace_histogram (trace_id, shift, event_id, tile, counts)
       SELECT $1, * FROM unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::bytea[])`,
      [
        traceId,
        some.map(({ shift }) => shift),
        some.map(({ eventId }) => eventId),
        some.map(({ tile }) => tile),
        some.map(({ counts }) => Buffer.from(counts)),
      ],
    );
  }
}
