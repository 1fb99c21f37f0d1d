/**
 * Traces: totals and per-event counts in a row each, records packed as arrays, some thousand in one row of
 * `trace_chunk`. Records are written by one binary COPY, as the trace is read, and never held all at once.
 *
 * 64-bit unsigned numbers are kept as the signed bigint of the same bits, and leave as what their type says.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TraceEventArgument } from '../contract/qemu.js';
import type { RecordPage, Trace, TraceEventSummary, TraceRecord } from '../contract/trace.js';
import { MAX_ARGUMENTS, isSignedType, isTextType } from '../domain/trace-batch.js';
import type { TraceBatch, TraceReader, TraceTotals } from '../domain/trace-batch.js';

const FORMAT = 'simple/4';
/** Chunks that `readRecords` fetches at once for a long page. */
const CHUNKS_PER_READ = 4;

const ARGUMENT_COLUMNS = Array.from({ length: MAX_ARGUMENTS }, (_, index) => `argument${index}`);
const CHUNK_COLUMNS = ['trace_id', 'first_sequence', 'record_count', 'min_ns', 'max_ns', 'event', 'delta_ns', 'pid', ...ARGUMENT_COLUMNS, 'strings'];

/** What a trace belongs to. */
export interface TraceOwner {
  readonly sampleId: string;
  readonly jobId: string;
}

export interface WrittenTrace {
  readonly traceId: string;
  readonly totals: TraceTotals;
}

/**
 * Stores a trace while it is read: all of it in one transaction, or nothing.
 *
 * @param batches is read to its end; what it throws is thrown on
 * @throws what the database reports, for example when the sample does not exist
 */
export async function writeTrace(pool: pg.Pool, owner: TraceOwner, batches: TraceReader): Promise<WrittenTrace> {
  const client = await pool.connect();
  let finished = false;
  try {
    await client.query('BEGIN');
    const inserted = await client.query<{ id: string }>(
      'INSERT INTO trace (sample_id, job_id, format, records, dropped, file_bytes) VALUES ($1, $2, $3, 0, 0, 0) RETURNING id',
      [owner.sampleId, owner.jobId, FORMAT],
    );
    const traceId = inserted.rows[0]!.id;
    const totals = await copyChunks(client, traceId, batches);
    await client.query(
      'UPDATE trace SET records = $2, dropped = $3, file_bytes = $4, first_ns = $5, last_ns = $6, partial = $7 WHERE id = $1',
      [traceId, totals.records, totals.dropped, totals.fileBytes, signedOrNull(totals.firstNs), signedOrNull(totals.lastNs), totals.partial],
    );
    for (const event of totals.events) {
      await client.query(
        'INSERT INTO trace_event (trace_id, event_id, name, arguments, count, first_ns, last_ns) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [traceId, event.id, event.name, JSON.stringify(event.arguments), event.count, signed(event.firstNs), signed(event.lastNs)],
      );
    }
    await client.query('COMMIT');
    finished = true;
    return { traceId, totals };
  } finally {
    // A connection that failed within a COPY is not used again; closing it rolls back.
    client.release(!finished);
  }
}

async function copyChunks(client: pg.PoolClient, traceId: string, batches: TraceReader): Promise<TraceTotals> {
  let totals: TraceTotals | null = null;
  async function* encoded(): AsyncGenerator<Buffer> {
    yield COPY_HEADER;
    for (;;) {
      const next = await batches.next();
      if (next.done === true) {
        totals = next.value;
        break;
      }
      yield encodeChunk(traceId, next.value);
    }
    yield COPY_TRAILER;
  }
  const copy = client.query(copyFrom(`COPY trace_chunk (${CHUNK_COLUMNS.join(', ')}) FROM STDIN WITH (FORMAT binary)`));
  try {
    await pipeline(Readable.from(encoded(), { objectMode: false, highWaterMark: 1 }), copy);
  } finally {
    if (totals === null) await batches.return(undefined as never);
  }
  return totals!;
}

// COPY's binary format: https://www.postgresql.org/docs/current/sql-copy.html ("Binary Format").
const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const COPY_TRAILER = Buffer.from([0xff, 0xff]);
const OID = { int8: 20, int2: 21, int4: 23, text: 25 } as const;
const ARRAY_HEADER_BYTES = 20;

/** One row of trace_chunk in COPY's binary format. */
function encodeChunk(traceId: string, batch: TraceBatch): Buffer {
  const { count } = batch;
  let minNs = batch.timestamps[0]!;
  let maxNs = minNs;
  for (let row = 1; row < count; row += 1) {
    const value = batch.timestamps[row]!;
    if (value < minNs) minNs = value;
    if (value > maxNs) maxNs = value;
  }
  // Each from the record before, the first from min_ns: small, repeating numbers compress well.
  const deltas = new BigUint64Array(count);
  let previousNs = minNs;
  for (let row = 0; row < count; row += 1) {
    deltas[row] = batch.timestamps[row]! - previousNs;
    previousNs = batch.timestamps[row]!;
  }

  const fieldCount = Buffer.alloc(2);
  fieldCount.writeInt16BE(CHUNK_COLUMNS.length);
  return Buffer.concat([
    fieldCount,
    bigintField(BigInt(traceId)),
    bigintField(BigInt(batch.firstSequence)),
    integerField(count),
    bigintField(minNs),
    bigintField(maxNs),
    smallintArray(batch.events, count),
    bigintArray(deltas, count),
    integerArray(batch.pids, count),
    ...ARGUMENT_COLUMNS.map((_, index) => (index < batch.arguments.length ? bigintArray(batch.arguments[index]!, count) : NULL_FIELD)),
    textArray(batch.strings),
  ]);
}

const NULL_FIELD = Buffer.from([0xff, 0xff, 0xff, 0xff]);

function bigintField(value: bigint): Buffer {
  const field = Buffer.alloc(12);
  field.writeInt32BE(8);
  field.writeBigUInt64BE(BigInt.asUintN(64, value), 4);
  return field;
}

function integerField(value: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeInt32BE(4);
  field.writeInt32BE(value, 4);
  return field;
}

/** A field that holds a one-dimensional array without nulls, its header filled in; elements start behind that. */
function arrayField(elementType: number, count: number, elementsBytes: number): Buffer {
  const dimensions = count === 0 ? 0 : 1;
  const header = dimensions === 0 ? ARRAY_HEADER_BYTES - 8 : ARRAY_HEADER_BYTES;
  const field = Buffer.alloc(4 + header + elementsBytes);
  field.writeInt32BE(header + elementsBytes);
  field.writeInt32BE(dimensions, 4);
  field.writeInt32BE(0, 8);
  field.writeInt32BE(elementType, 12);
  if (dimensions === 1) {
    field.writeInt32BE(count, 16);
    field.writeInt32BE(1, 20); // lower bound
  }
  return field;
}

function bigintArray(values: BigUint64Array, count: number): Buffer {
  const field = arrayField(OID.int8, count, 12 * count);
  const view = new DataView(field.buffer, field.byteOffset, field.length);
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * count);
  for (let row = 0, at = 4 + ARRAY_HEADER_BYTES; row < count; row += 1, at += 12) {
    view.setUint32(at, 8);
    view.setUint32(at + 4, words[2 * row + 1]!);
    view.setUint32(at + 8, words[2 * row]!);
  }
  return field;
}

function integerArray(values: Uint32Array, count: number): Buffer {
  const field = arrayField(OID.int4, count, 8 * count);
  const view = new DataView(field.buffer, field.byteOffset, field.length);
  for (let row = 0, at = 4 + ARRAY_HEADER_BYTES; row < count; row += 1, at += 8) {
    view.setUint32(at, 4);
    view.setUint32(at + 4, values[row]!);
  }
  return field;
}

function smallintArray(values: Uint16Array, count: number): Buffer {
  const field = arrayField(OID.int2, count, 6 * count);
  const view = new DataView(field.buffer, field.byteOffset, field.length);
  for (let row = 0, at = 4 + ARRAY_HEADER_BYTES; row < count; row += 1, at += 6) {
    view.setUint32(at, 2);
    view.setUint16(at + 4, values[row]!);
  }
  return field;
}

function textArray(values: readonly string[]): Buffer {
  const elements = values.flatMap((value) => {
    const bytes = Buffer.from(value, 'utf8');
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return [length, bytes];
  });
  const field = arrayField(OID.text, values.length, elements.reduce((sum, element) => sum + element.length, 0));
  let at = field.length - elements.reduce((sum, element) => sum + element.length, 0);
  for (const element of elements) at += element.copy(field, at);
  return field;
}

interface TraceRow extends Pick<Trace, 'variant' | 'side'> {
  id: string;
  job_id: string;
  workload: string;
  block: number;
  records: string;
  dropped: string;
  file_bytes: string;
  partial: boolean;
  first_ns: string | null;
  last_ns: string | null;
}

interface EventRow {
  trace_id: string;
  event_id: number;
  name: string;
  arguments: TraceEventArgument[];
  count: string;
  first_ns: string;
  last_ns: string;
}

const SELECT_TRACE = `
  SELECT t.id, t.job_id, s.variant, s.side, s.workload, s.block, t.records, t.dropped, t.file_bytes, t.partial, t.first_ns, t.last_ns
  FROM trace t JOIN sample s ON s.id = t.sample_id`;
const SELECT_EVENTS = 'SELECT trace_id, event_id, name, arguments, count, first_ns, last_ns FROM trace_event';

/** One trace, or null if there is none of that id. */
export async function getTrace(pool: pg.Pool, traceId: string): Promise<Trace | null> {
  if (!isRowId(traceId)) return null;
  const traces = await pool.query<TraceRow>(`${SELECT_TRACE} WHERE t.id = $1`, [traceId]);
  const row = traces.rows[0];
  if (row === undefined) return null;
  const events = await pool.query<EventRow>(`${SELECT_EVENTS} WHERE trace_id = $1 ORDER BY name`, [traceId]);
  return toTrace(row, events.rows);
}

/** All traces of a job, in the order in which they were written. */
export async function listTraces(pool: pg.Pool, jobId: string): Promise<Trace[]> {
  const traces = await pool.query<TraceRow>(`${SELECT_TRACE} WHERE t.job_id = $1 ORDER BY t.id`, [jobId]);
  const ids = traces.rows.map((row) => row.id);
  const events = await pool.query<EventRow>(`${SELECT_EVENTS} WHERE trace_id = ANY($1::bigint[]) ORDER BY name`, [ids]);
  const byTrace = new Map<string, EventRow[]>(ids.map((id) => [id, []]));
  for (const event of events.rows) byTrace.get(event.trace_id)!.push(event);
  return traces.rows.map((row) => toTrace(row, byTrace.get(row.id)!));
}

interface ChunkRow extends Record<`argument${number}`, string[] | null> {
  first_sequence: string;
  record_count: number;
  min_ns: string;
  event: number[];
  delta_ns: string[];
  pid: number[];
  strings: string[];
}

/**
 * Records of a trace in the order of the file.
 *
 * @param after sequence number behind which to go on, from `next` of the previous page; null or undefined starts
 * @param limit records of the page, at most
 * @returns `next` is null on the last page; no records if there is no such trace
 */
export async function readRecords(pool: pg.Pool, traceId: string, after: bigint | null | undefined, limit: number): Promise<RecordPage> {
  if (!isRowId(traceId)) return { records: [], next: null };
  const declared = await pool.query<EventRow>(`${SELECT_EVENTS} WHERE trace_id = $1`, [traceId]);
  const events = new Map(declared.rows.map((event) => [event.event_id, event]));
  const total = declared.rows.reduce((sum, event) => sum + BigInt(event.count), 0n);

  const records: TraceRecord[] = [];
  let start = after === null || after === undefined ? 0n : after + 1n;
  while (records.length < limit && start < total) {
    const chunks = await pool.query<ChunkRow>(
      `SELECT ${CHUNK_COLUMNS.slice(1).join(', ')} FROM trace_chunk
       WHERE trace_id = $1
         AND first_sequence >= (SELECT max(first_sequence) FROM trace_chunk WHERE trace_id = $1 AND first_sequence <= $2)
       ORDER BY first_sequence LIMIT $3`,
      [traceId, start, limit > 1_000 ? CHUNKS_PER_READ : 1],
    );
    const before = start;
    for (const chunk of chunks.rows) {
      const first = BigInt(chunk.first_sequence);
      const skipped = Number(start - first);
      let timestampNs = BigInt(chunk.min_ns);
      for (let row = 0; row < chunk.record_count && records.length < limit; row += 1) {
        timestampNs += BigInt(chunk.delta_ns[row]!);
        if (row < skipped) continue;
        records.push(toRecord(chunk, row, start, timestampNs, events.get(chunk.event[row]!)!));
        start += 1n;
      }
    }
    if (start === before) throw new Error(`trace ${traceId} has no record ${start}`);
  }
  return { records, next: start < total ? (start - 1n).toString() : null };
}

function toRecord(chunk: ChunkRow, row: number, sequence: bigint, timestampNs: bigint, event: EventRow): TraceRecord {
  const values = event.arguments.map(({ type, name }, index) => {
    const value = chunk[`argument${index}`]![row]!;
    return [name, isTextType(type) ? chunk.strings[Number(value) - 1]! : isSignedType(type) ? value : unsigned(value)] as const;
  });
  return {
    sequence: sequence.toString(),
    timestampNs: BigInt.asUintN(64, timestampNs).toString(),
    event: event.name,
    pid: chunk.pid[row]! >>> 0,
    arguments: Object.fromEntries(values),
  };
}

function toTrace(row: TraceRow, events: readonly EventRow[]): Trace {
  return {
    id: row.id,
    jobId: row.job_id,
    variant: row.variant, side: row.side,
    workload: row.workload,
    block: row.block,
    format: FORMAT,
    records: row.records,
    dropped: row.dropped,
    fileBytes: row.file_bytes,
    partial: row.partial,
    firstNs: row.first_ns === null ? null : unsigned(row.first_ns),
    lastNs: row.last_ns === null ? null : unsigned(row.last_ns),
    events: events.map(toSummary),
  };
}

function toSummary(event: EventRow): TraceEventSummary {
  return { name: event.name, arguments: event.arguments, count: event.count, firstNs: unsigned(event.first_ns), lastNs: unsigned(event.last_ns) };
}

/** True for what can be an id of a row; everything else names none. */
function isRowId(id: string): boolean {
  return /^\d{1,19}$/.test(id) && BigInt(id) < 2n ** 63n;
}

function signed(value: bigint): string {
  return BigInt.asIntN(64, value).toString();
}

function signedOrNull(value: bigint | null): string | null {
  return value === null ? null : signed(value);
}

function unsigned(digits: string): string {
  return BigInt.asUintN(64, BigInt(digits)).toString();
}
