// SPDX-License-Identifier: GPL-2.0-or-later
import { GapHistogram } from '#domain/trace/gap-histogram.js';
import { TimeHistogram } from '#domain/trace/time-histogram.js';
import type { TraceEventTotals } from '#domain/trace/trace-reader.js';
import type { Batch } from './batch.js';
import type { EventEntry } from './parser.js';

/** Limit for the threads, per event, whose last record is remembered. */
const MAX_THREADS = 256;

/** Statistics of one event. A time in ns is two 32-bit words, high and low. */
interface Counted {
  readonly entry: EventEntry;
  count: number;
  firstHigh: number;
  firstLow: number;
  lastHigh: number;
  lastLow: number;
  /** Thread and time of the previous record; `others` has the last times of the other threads. */
  pid: number;
  previousHigh: number;
  previousLow: number;
  readonly others: Map<number, readonly [high: number, low: number]>;
  gaps: GapHistogram | null;
}

/** Counts of a complete trace, so that queries need not read its records again. */
export class Statistics {
  records = 0;
  readonly histogram = new TimeHistogram();
  readonly #events: (Counted | undefined)[] = [];

  /** Counts the records of a batch. */
  add(batch: Batch, entryOf: (id: number) => EventEntry): void {
    const { count, events, timestamps, pids } = batch;
    for (let row = 0; row < count; row += 1) {
      const id = events[row]!;
      const low = timestamps[2 * row]!;
      const high = timestamps[2 * row + 1]!;
      const counted = this.#events[id] ?? this.#begin(entryOf(id), high, low);
      if (counted.count > 0) {
        if (pids[row] === counted.pid || switchThread(counted, pids[row]!))
          addGap(counted, high, low);
      }
      counted.pid = pids[row]!;
      counted.previousHigh = high;
      counted.previousLow = low;
      counted.count += 1;
      if (high < counted.firstHigh || (high === counted.firstHigh && low < counted.firstLow)) {
        counted.firstHigh = high;
        counted.firstLow = low;
      }
      if (high > counted.lastHigh || (high === counted.lastHigh && low > counted.lastLow)) {
        counted.lastHigh = high;
        counted.lastLow = low;
      }
    }
    this.histogram.add(events, timestamps, count);
    this.records += count;
  }

  /** Returns the totals of events with at least one record, ordered by id. */
  totals(): TraceEventTotals[] {
    return this.#events.flatMap((counted) => (counted === undefined ? [] : [toTotals(counted)]));
  }

  #begin(entry: EventEntry, high: number, low: number): Counted {
    const counted = {
      entry,
      count: 0,
      firstHigh: high,
      firstLow: low,
      lastHigh: high,
      lastLow: low,
      pid: 0,
      previousHigh: 0,
      previousLow: 0,
      others: new Map(),
      gaps: null,
    };
    this.#events[entry.id] = counted;
    return counted;
  }
}

/** Makes `pid` the current thread. Returns false if the thread has no earlier record. */
function switchThread(counted: Counted, pid: number): boolean {
  const { others } = counted;
  // Hostile files have a new thread per record. A forgotten thread loses one gap.
  if (others.size >= MAX_THREADS) others.clear();
  others.set(counted.pid, [counted.previousHigh, counted.previousLow]);
  const previous = others.get(pid);
  if (previous === undefined) return false;
  [counted.previousHigh, counted.previousLow] = previous;
  return true;
}

/** Adds the gap to the previous record. Ignores a clock that goes back within a thread. */
function addGap(counted: Counted, high: number, low: number): void {
  const borrow = low < counted.previousLow ? 1 : 0;
  const gapHigh = high - counted.previousHigh - borrow;
  if (gapHigh < 0) return;
  counted.gaps ??= new GapHistogram();
  counted.gaps.add(gapHigh, (low - counted.previousLow) >>> 0);
}

function toTotals({
  entry,
  count,
  firstHigh,
  firstLow,
  lastHigh,
  lastLow,
  gaps,
}: Counted): TraceEventTotals {
  return {
    id: entry.id,
    name: entry.name,
    arguments: entry.arguments,
    count,
    firstNs: join(firstHigh, firstLow),
    lastNs: join(lastHigh, lastLow),
    interArrival: gaps?.summary() ?? null,
  };
}

const join = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);
