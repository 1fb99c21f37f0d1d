// SPDX-License-Identifier: GPL-2.0-or-later
/** Traces with their counts, one row per trace and event. trace-chunks.ts has their records. */
import type pg from 'pg';
import type { TraceEventArgument } from '#contract/qemu.js';
import type { InterArrival, Trace, TraceEventSummary } from '#contract/trace.js';
import type { TraceEventStatistics } from '#contract/trace-query.js';
import { formatsOf } from '#domain/trace/event-formats.js';
import type { TraceEvent } from '#domain/trace/record.js';
import { FORMAT } from './trace-write.js';

interface TraceRow extends Pick<Trace, 'variant' | 'side'> {
  id: string;
  job_id: string;
  workload: string;
  block: number;
  records: string;
  stored: string;
  dropped: string;
  file_bytes: string;
  raw_bytes: string;
  stored_bytes: string;
  sha256: string | null;
  partial_reason: string | null;
  kept_until: Date | null;
  expired_at: Date | null;
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
  inter_arrival: InterArrival | null;
}

const SELECT_TRACE = `
  SELECT t.id, t.job_id, s.variant, s.side, s.workload, s.block, t.records, t.stored, t.dropped,
    t.file_bytes, t.raw_bytes, t.stored_bytes, t.sha256, t.partial_reason, t.expired_at,
    t.first_ns, t.last_ns,
    t.created_at + (j.request->>'traceDays')::int * interval '1 day' AS kept_until
  FROM trace t
  JOIN sample s ON s.id = t.sample_id
  JOIN job j ON j.id = t.job_id`;
const SELECT_EVENTS = `
  SELECT trace_id, event_id, name, arguments, count, first_ns, last_ns, inter_arrival
  FROM trace_event`;

/** Returns a trace, or null if the id is unknown. */
export async function getTrace(pool: pg.Pool, traceId: string): Promise<Trace | null> {
  if (!isRowId(traceId)) return null;
  const traces = await pool.query<TraceRow>(`${SELECT_TRACE} WHERE t.id = $1`, [traceId]);
  const row = traces.rows[0];
  return row === undefined ? null : toTrace(row, await eventRows(pool, traceId));
}

/**
 * Yields all traces of a job, in the order in which they were written. Reads one at a time, since
 * each may have thousands of events.
 */
export async function* readTraces(pool: pg.Pool, jobId: string): AsyncGenerator<[Trace]> {
  const traces = await pool.query<TraceRow>(`${SELECT_TRACE} WHERE t.job_id = $1 ORDER BY t.id`, [
    jobId,
  ]);
  for (const row of traces.rows) yield [toTrace(row, await eventRows(pool, row.id))];
}

/** Returns the events of a trace, with their ids in its file. */
export async function traceEvents(pool: pg.Pool, traceId: string): Promise<TraceEvent[]> {
  return (await eventRows(pool, traceId)).map((row) => ({
    id: row.event_id,
    name: row.name,
    arguments: row.arguments,
  }));
}

/** Returns statistics per event, events with the most records first. */
export async function traceStatistics(
  pool: pg.Pool,
  traceId: string,
): Promise<TraceEventStatistics[]> {
  const rows = await eventRows(pool, traceId);
  const eventsFile = rows.length === 0 ? null : await traceEventsFile(pool, traceId);
  const formats = formatsOf(eventsFile ?? '', new Set(rows.map(({ name }) => name)));
  return rows
    .map((row) => toStatistics(row, formats.get(row.name) ?? null))
    .sort((a, b) => Number(BigInt(b.count) - BigInt(a.count)));
}

/**
 * Returns the trace-events-all file of the build that wrote a trace; null if the trace does not
 * exist.
 */
export async function traceEventsFile(pool: pg.Pool, traceId: string): Promise<string | null> {
  const { rows } = await pool.query<{ content: string }>(
    `SELECT f.content
     FROM trace t
     JOIN trace_events_file f ON f.digest = t.events_digest
     WHERE t.id = $1`,
    [traceId],
  );
  return rows[0]?.content ?? null;
}

/** Returns whether a text can be the id of a row. */
export function isRowId(id: string): boolean {
  return /^\d{1,19}$/.test(id) && BigInt(id) < 2n ** 63n;
}

async function eventRows(pool: pg.Pool, traceId: string): Promise<EventRow[]> {
  return (
    await pool.query<EventRow>(`${SELECT_EVENTS} WHERE trace_id = $1 ORDER BY name`, [traceId])
  ).rows;
}

function toTrace(row: TraceRow, events: readonly EventRow[]): Trace {
  return {
    id: row.id,
    jobId: row.job_id,
    variant: row.variant,
    side: row.side,
    workload: row.workload,
    block: row.block,
    format: FORMAT,
    records: row.records,
    recordsStored: row.stored,
    dropped: row.dropped,
    fileBytes: row.file_bytes,
    rawBytes: row.raw_bytes,
    storedBytes: row.stored_bytes,
    sha256: row.sha256,
    partial: row.partial_reason !== null,
    partialReason: row.partial_reason,
    quotaReached: row.stored !== row.records,
    keptUntil: row.kept_until?.toISOString() ?? null,
    expiredAt: row.expired_at?.toISOString() ?? null,
    firstNs: row.first_ns,
    lastNs: row.last_ns,
    events: events.map(toSummary),
  };
}

function toSummary(event: EventRow): TraceEventSummary {
  return {
    name: event.name,
    arguments: event.arguments,
    count: event.count,
    firstNs: event.first_ns,
    lastNs: event.last_ns,
  };
}

function toStatistics(event: EventRow, format: string | null): TraceEventStatistics {
  const durationNs = Number(BigInt(event.last_ns) - BigInt(event.first_ns));
  return {
    ...toSummary(event),
    perSecond: durationNs === 0 ? null : ((Number(event.count) - 1) / durationNs) * 1e9,
    interArrival: event.inter_arrival,
    format,
  };
}
