// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Trace } from '#contract/trace.js';
import type { HistogramQuery, TraceHistogram } from '#contract/trace-query.js';
import { unpackWords } from '#domain/trace/column.js';
import type { TraceEvent } from '#domain/trace/record.js';
import { filterOf } from '#domain/trace/record-filter.js';
import { gridOver, TimeBins, type BinGrid } from '#domain/trace/time-bins.js';
import { TILE_BINS } from '#domain/trace/time-histogram.js';
import { readChunks } from './trace-chunks.js';
import { traceEvents } from './traces.js';

/** Maximum number of events that a histogram shows separately. */
const MAX_EVENTS = 50;
/**
 * Maximum number of chunks that are unpacked for finer bins than the stored histogram has. A longer
 * time range uses the stored bins.
 */
const MAX_CHUNKS = 96;

/**
 * Returns the records per event and time bin, from the histogram stored when the trace was read. If
 * that is too coarse and the time range holds few enough records, counts the records instead.
 *
 * @throws {INVALID_REQUEST} The trace has no event of that name.
 */
export async function readHistogram(
  pool: pg.Pool,
  trace: Trace,
  query: HistogramQuery,
): Promise<TraceHistogram> {
  const events = await traceEvents(pool, trace.id);
  const { eventIds } = filterOf({ event: query.event }, events);
  const fromNs = query.fromNs ?? BigInt(trace.firstNs ?? 0);
  const toNs = query.toNs ?? BigInt(trace.lastNs ?? 0);
  if (trace.firstNs === null || toNs < fromNs)
    return { fromNs: String(fromNs), binNs: '1', bins: 0, events: [], others: null };
  const levels = await pool.query<{ shift: number }>(
    'SELECT DISTINCT shift FROM trace_histogram WHERE trace_id = $1 ORDER BY shift DESC',
    [trace.id],
  );
  const finest = levels.rows.at(-1)!.shift;

  const wanted = gridOver(fromNs, toNs, query.bins);
  if (wanted.shift < finest && (await fewChunks(pool, trace, fromNs, toNs)))
    return toHistogram(await fromRecords(pool, trace.id, wanted, eventIds), events);
  const grid = gridOver(fromNs, toNs, query.bins, finest);
  const level = levels.rows.find(({ shift }) => shift <= grid.shift)!.shift;
  return toHistogram(await fromTiles(pool, trace.id, grid, level, eventIds), events);
}

/**
 * Returns whether the records of a time range can be counted quickly and completely: false also if
 * some records of the trace are not stored.
 */
async function fewChunks(
  pool: pg.Pool,
  trace: Trace,
  fromNs: bigint,
  toNs: bigint,
): Promise<boolean> {
  if (trace.quotaReached || trace.expiredAt !== null) return false;
  const { rows } = await pool.query<{ chunks: number }>(
    `SELECT count(*)::int AS chunks
     FROM (
       SELECT 1
       FROM trace_chunk
       WHERE trace_id = $1 AND max_ns >= $2 AND min_ns <= $3
       LIMIT $4
     ) found`,
    [trace.id, fromNs, toNs, MAX_CHUNKS + 1],
  );
  return rows[0]!.chunks <= MAX_CHUNKS;
}

async function fromRecords(
  pool: pg.Pool,
  traceId: string,
  grid: BinGrid,
  eventIds: readonly number[] | null,
): Promise<TimeBins> {
  const bins = new TimeBins(grid);
  const fromNs = grid.first << BigInt(grid.shift);
  const toNs = ((grid.first + BigInt(grid.bins)) << BigInt(grid.shift)) - 1n;
  const ids = eventIds === null ? null : new Set(eventIds);
  for await (const chunk of readChunks(
    pool,
    traceId,
    { fromSequence: 0n, eventIds: eventIds ?? undefined, fromNs, toNs },
    'times',
  ))
    bins.addRecords(chunk, ids);
  return bins;
}

async function fromTiles(
  pool: pg.Pool,
  traceId: string,
  grid: BinGrid,
  shift: number,
  eventIds: readonly number[] | null,
): Promise<TimeBins> {
  const bins = new TimeBins(grid);
  const tileOf = (bin: bigint) => (bin << BigInt(grid.shift - shift)) / BigInt(TILE_BINS);
  const { rows } = await pool.query<{ event_id: number; tile: string; counts: Buffer }>(
    `SELECT event_id, tile, counts
     FROM trace_histogram
     WHERE trace_id = $1
       AND shift = $2
       AND tile BETWEEN $3 AND $4
       AND ($5::smallint[] IS NULL OR event_id = ANY($5))`,
    [traceId, shift, tileOf(grid.first), tileOf(grid.first + BigInt(grid.bins)), eventIds],
  );
  const words = new Uint32Array(2 * TILE_BINS);
  const counts = new Uint32Array(TILE_BINS);
  for (const { event_id: eventId, tile, counts: packed } of rows) {
    unpackWords(packed, 0, TILE_BINS, words, 0);
    for (let bin = 0; bin < TILE_BINS; bin += 1) counts[bin] = words[2 * bin]!;
    bins.addTile({ eventId, shift, tile: BigInt(tile), counts });
  }
  return bins;
}

function toHistogram(
  { grid, events: counted }: TimeBins,
  events: readonly TraceEvent[],
): TraceHistogram {
  const names = new Map(events.map(({ id, name }) => [id, name]));
  const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);
  const found = [...counted]
    .map(([id, counts]) => ({ name: names.get(id)!, counts, total: sum(counts) }))
    .filter(({ total }) => total > 0);
  found.sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  const rest = found.slice(MAX_EVENTS);
  return {
    fromNs: (grid.first << BigInt(grid.shift)).toString(),
    binNs: (1n << BigInt(grid.shift)).toString(),
    bins: grid.bins,
    events: found.slice(0, MAX_EVENTS).map(({ name, counts }) => ({ name, counts: [...counts] })),
    others:
      rest.length === 0
        ? null
        : Array.from({ length: grid.bins }, (_, bin) =>
            rest.reduce((total, { counts }) => total + counts[bin]!, 0),
          ),
  };
}
