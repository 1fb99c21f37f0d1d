// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { GapQuery, TraceGap, TraceGaps } from '#contract/trace-query.js';
import { LongestGaps, type Gap, type GapEnd } from '#domain/trace/longest-gaps.js';
import { filterOf } from '#domain/trace/record-filter.js';
import { readChunks } from './trace-chunks.js';
import { traceEvents } from './traces.js';

/**
 * Returns the longest times between consecutive selected records of one pid. Reads events, times and
 * pids of the stored records, and nothing else of them.
 *
 * @throws {INVALID_REQUEST} The trace has no event of that name.
 */
export async function readGaps(
  pool: pg.Pool,
  traceId: string,
  query: GapQuery,
): Promise<TraceGaps> {
  const events = await traceEvents(pool, traceId);
  const { event, fromNs, toNs } = query;
  const { eventIds } = filterOf({ event }, events);
  const longest = new LongestGaps(query.limit, {
    eventIds: eventIds === null ? null : new Set(eventIds),
    fromNs,
    toNs,
  });
  const selection = { fromSequence: 0n, eventIds: eventIds ?? undefined, fromNs, toNs };
  for await (const chunk of readChunks(pool, traceId, selection, 'pids')) longest.add(chunk);
  const names = new Map(events.map(({ id, name }) => [id, name]));
  return { gaps: longest.gaps.map((gap) => toGap(gap, names)) };
}

function toGap({ ns, pid, before, after }: Gap, names: ReadonlyMap<number, string>): TraceGap {
  const end = ({ sequence, eventId, high, low }: GapEnd): TraceGap['before'] => ({
    sequence: String(sequence),
    timestampNs: ((BigInt(high) << 32n) | BigInt(low)).toString(),
    event: names.get(eventId)!,
  });
  return { durationNs: String(ns), pid, before: end(before), after: end(after) };
}
