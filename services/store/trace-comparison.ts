// SPDX-License-Identifier: GPL-2.0-or-later
import type pg from 'pg';
import type { Trace, TraceRecord } from '#contract/trace.js';
import type { TraceComparison } from '#contract/trace-query.js';
import { BrokenRules } from '#domain/broken-rules.js';
import { openChunk, toRecord, type OpenChunk, type TraceEvent } from '#domain/trace/record.js';
import { sameRecords } from '#domain/trace/same-records.js';
import { readChunks } from './trace-chunks.js';
import { traceEvents } from './traces.js';

/** Time after which a request reports its progress instead of comparing further. */
const REQUEST_MS = 250;

export interface ComparisonRequest {
  /** Names of arguments that may differ. */
  readonly ignore: readonly string[];
  /** Number of records from the start that are known to be equal. */
  readonly compared: bigint;
}

/**
 * Compares two traces record by record in file order, up to the first difference.
 * @throws {INVALID_REQUEST} Neither trace has an argument that is to be ignored.
 */
export async function compareTraces(
  pool: pg.Pool,
  traceA: Trace,
  traceB: Trace,
  { ignore, compared }: ComparisonRequest,
): Promise<TraceComparison> {
  const a = new Side(pool, traceA.id, await traceEvents(pool, traceA.id), compared);
  const b = new Side(pool, traceB.id, await traceEvents(pool, traceB.id), compared);
  checkIgnored(ignore, [...a.events, ...b.events]);
  const same = sameRecords(a.events, b.events, ignore);
  const complete = [traceA, traceB].every((trace) => !trace.partial && !trace.quotaReached);
  const answer = {
    a: traceA.id,
    b: traceB.id,
    counts: countsOf(traceA, traceB),
    complete,
    divergence: null,
    next: null,
  };
  const deadlineMs = performance.now() + REQUEST_MS;
  let index = compared;
  try {
    for (;;) {
      const rowsA = await a.rows();
      const rowsB = await b.rows();
      if (rowsA === 0 && rowsB === 0) return { ...answer, compared: String(index) };
      if (rowsA === 0 || rowsB === 0) {
        // If some records of a side are not stored, its end is unknown here.
        const unknown = rowsA === 0 ? traceA.quotaReached : traceB.quotaReached;
        return {
          ...answer,
          compared: String(index),
          divergence: unknown ? null : { index: String(index), a: a.record(), b: b.record() },
        };
      }
      const rows = Math.min(rowsA, rowsB);
      for (let row = 0; row < rows; row += 1, index += 1n) {
        if (same(a.chunk!, a.row, b.chunk!, b.row)) {
          a.row += 1;
          b.row += 1;
        } else
          return {
            ...answer,
            compared: String(index),
            divergence: { index: String(index), a: a.record(), b: b.record() },
          };
      }
      if (performance.now() > deadlineMs)
        return { ...answer, compared: String(index), next: String(index) };
    }
  } finally {
    await a.close();
    await b.close();
  }
}

function checkIgnored(ignore: readonly string[], events: readonly TraceEvent[]): void {
  const known = new Set(events.flatMap((event) => event.arguments.map(({ name }) => name)));
  const broken = new BrokenRules();
  for (const [index, name] of ignore.entries())
    if (!known.has(name)) broken.add(`ignore.${index}`, `neither trace has an argument "${name}"`);
  broken.throwIfAny();
}

/** One of the two traces, with the reading position. */
class Side {
  chunk: OpenChunk | null = null;
  row = 0;
  readonly #chunks: ReturnType<typeof readChunks>;

  constructor(
    pool: pg.Pool,
    traceId: string,
    readonly events: readonly TraceEvent[],
    private readonly from: bigint,
  ) {
    this.#chunks = readChunks(pool, traceId, { fromSequence: from });
  }

  /** Returns the number of rows left in the current chunk; 0 at the end of the trace. */
  async rows(): Promise<number> {
    if (this.chunk === null || this.row === this.chunk.count) {
      const next = await this.#chunks.next();
      const first = this.chunk === null;
      this.chunk = next.done === true ? null : openChunk(next.value);
      this.row =
        first && this.chunk !== null && this.from > this.chunk.firstSequence
          ? Number(this.from - this.chunk.firstSequence)
          : 0;
    }
    return this.chunk === null ? 0 : this.chunk.count - this.row;
  }

  record(): TraceRecord | null {
    const { chunk, row } = this;
    return chunk === null
      ? null
      : toRecord(
          chunk,
          row,
          this.events.find(({ id }) => id === chunk.events[row])!,
        );
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}

function countsOf(a: Trace, b: Trace): TraceComparison['counts'] {
  const countIn = (trace: Trace, event: string) =>
    trace.events.find(({ name }) => name === event)?.count ?? '0';
  const names = [...new Set([...a.events, ...b.events].map(({ name }) => name))].sort();
  return names.map((event) => ({ event, a: countIn(a, event), b: countIn(b, event) }));
}
