import { GapHistogram } from '../../../../services/domain/trace/gap-histogram.js';
import { TimeHistogram } from '../../../../services/domain/trace/time-histogram.js';
import type { TraceEventTotals } from '../../../../services/domain/trace/trace-reader.js';
import type { Batch } from './batch.js';
import type { EventEntry } from './parser.js';

/** Threads whose last record of an event is remembered, per event. */
const MAX_THREADS = 256;

/** What was counted of one event. Times are pairs of words. */
interface Counted {
  readonly entry: EventEntry;
  count: number;
  firstHigh: number;
  firstLow: number;
  lastHigh: number;
  lastLow: number;
  /** Thread and time of the record before; other threads' are in `others`. */
  pid: number;
  previousHigh: number;
  previousLow: number;
  readonly others: Map<number, readonly [high: number, low: number]>;
  gaps: GapHistogram | null;
}

/** Counts of a whole trace, so that nobody has to read its records again to know them. */
export class Statistics {
  records = 0;
  readonly histogram = new TimeHistogram();
  readonly #events: (Counted | undefined)[] = [];

  /** Count the records of a batch. */
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

  /** Events with at least one record, by id. */
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

/** Make `pid` the thread at hand; false if it had no record yet. */
function switchThread(counted: Counted, pid: number): boolean {
  const { others } = counted;
  // Hostile files have a new thread per record; those that are forgotten lose a gap.
  if (others.size >= MAX_THREADS) others.clear();
  others.set(counted.pid, [counted.previousHigh, counted.previousLow]);
  const previous = others.get(pid);
  if (previous === undefined) return false;
  [counted.previousHigh, counted.previousLow] = previous;
  return true;
}

/** A clock that goes back within a thread is not believed. */
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
