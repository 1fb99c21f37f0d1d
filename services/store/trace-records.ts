// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { RecordPage, TraceRecord } from '#contract/trace.js';
import { openChunk, toRecord, type OpenChunk, type TraceEvent } from '#domain/trace/record.js';
import { filterOf, type RecordFilter, type RecordSelection } from '#domain/trace/record-filter.js';
import { readChunks } from './trace-chunks.js';
import { isRowId, traceEvents } from './traces.js';

/** Time after which a page stops scanning and returns its position, even without a match. */
const PAGE_MS = 100;
/** Characters of arguments after which a page ends: a text may have 64 KB. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;
/** Number of records per batch of a stream; other requests run between two batches. */
const BATCH_RECORDS = 1_000;

export interface PageRequest extends RecordSelection {
  /** Sequence number of the last record that the previous page scanned. */
  readonly after?: bigint | undefined;
  /** Maximum number of records per page. */
  readonly limit: number;
}

/**
 * Returns a page of a trace's records in file order.
 *
 * @returns An empty last page if the trace does not exist.
 * @throws {INVALID_REQUEST} The selection does not fit the trace (`filterOf`).
 */
export async function readRecords(
  pool: pg.Pool,
  traceId: string,
  request: PageRequest,
): Promise<RecordPage> {
  if (!isRowId(traceId)) return { records: [], next: null };
  const events = await traceEvents(pool, traceId);
  const filter = filterOf(request, events);
  const fromSequence = request.after === undefined ? 0n : request.after + 1n;
  const deadlineMs = performance.now() + PAGE_MS;
  const byId = new Map(events.map((event) => [event.id, event]));
  const records: TraceRecord[] = [];
  let characters = 0;
  const isFull = () => records.length === request.limit || characters > PAGE_CHARACTERS;
  let scannedTo: bigint | null = null;
  for await (const chunk of openChunks(pool, traceId, filter, fromSequence)) {
    if (isFull() || (scannedTo !== null && performance.now() > deadlineMs))
      return { records, next: scannedTo!.toString() };
    const matches = filter.open(chunk);
    for (let row = skipped(chunk, fromSequence); row < chunk.count; row += 1) {
      if (!matches(row)) continue;
      // One more record matches: only now it is certain that a next page exists.
      if (isFull()) return { records, next: records.at(-1)!.sequence };
      const record = toRecord(chunk, row, byId.get(chunk.events[row]!)!);
      records.push(record);
      for (const value of Object.values(record.arguments)) characters += value.length;
    }
    scannedTo = chunk.firstSequence + BigInt(chunk.count) - 1n;
  }
  return { records, next: null };
}

/**
 * Checks a selection before a stream begins.
 *
 * @throws {INVALID_REQUEST} The selection does not fit the trace (`filterOf`).
 */
export async function checkSelection(
  pool: pg.Pool,
  traceId: string,
  selection: RecordSelection,
): Promise<void> {
  filterOf(selection, await traceEvents(pool, traceId));
}

/** Yields all matching records in batches, for exports. */
export async function* streamRecords(
  pool: pg.Pool,
  traceId: string,
  selection: RecordSelection,
): AsyncGenerator<TraceRecord[]> {
  const events = await traceEvents(pool, traceId);
  const filter = filterOf(selection, events);
  const byId = new Map(events.map((event) => [event.id, event]));
  for await (const chunk of openChunks(pool, traceId, filter, 0n))
    yield* batches(chunk, filter, byId);
}

async function* batches(
  chunk: OpenChunk,
  filter: RecordFilter,
  byId: ReadonlyMap<number, TraceEvent>,
): AsyncGenerator<TraceRecord[]> {
  const matches = filter.open(chunk);
  let batch: TraceRecord[] = [];
  for (let row = 0; row < chunk.count; row += 1) {
    if (matches(row)) batch.push(toRecord(chunk, row, byId.get(chunk.events[row]!)!));
    if (batch.length < BATCH_RECORDS) continue;
    yield batch;
    batch = [];
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (batch.length > 0) yield batch;
}

async function* openChunks(
  pool: pg.Pool,
  traceId: string,
  { eventIds, fromNs, toNs }: RecordFilter,
  fromSequence: bigint,
): AsyncGenerator<OpenChunk> {
  if (eventIds?.length === 0) return;
  for await (const row of readChunks(pool, traceId, {
    fromSequence,
    eventIds: eventIds ?? undefined,
    fromNs,
    toNs,
  }))
    yield openChunk(row);
}

const skipped = ({ firstSequence }: OpenChunk, fromSequence: bigint): number =>
  fromSequence > firstSequence ? Number(fromSequence - firstSequence) : 0;
