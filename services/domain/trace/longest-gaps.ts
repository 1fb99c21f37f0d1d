// SPDX-License-Identifier: GPL-2.0-or-later
import { unpackEvents, unpackPids, unpackTimestamps, type StoredChunk } from './chunk.js';
import { timeTest } from './record-filter.js';

/** Limit for the pids whose last record is remembered; only hostile files have more. */
const MAX_PIDS = 65_536;

/** Columns of a chunk from which its gaps follow. */
export type TimedChunk = Pick<StoredChunk, 'count' | 'event' | 'timestamp' | 'pid'> & {
  readonly firstSequence: bigint;
};

interface Selected {
  /** Null selects every event. */
  readonly eventIds: ReadonlySet<number> | null;
  readonly fromNs: bigint | undefined;
  /** Inclusive. */
  readonly toNs: bigint | undefined;
}

/** A record at one end of a gap. Its time in ns is two 32-bit words. */
export interface GapEnd {
  readonly sequence: number;
  readonly eventId: number;
  readonly high: number;
  readonly low: number;
}

export interface Gap {
  readonly ns: number;
  readonly pid: number;
  readonly before: GapEnd;
  readonly after: GapEnd;
}

/**
 * Collects the longest times between consecutive selected records of one pid. Leaves out times in
 * which a pid's clock stands still or goes back.
 */
export class LongestGaps {
  readonly #last = new Map<number, GapEnd>();
  /** Longest first; of equal ones, the first in the file. */
  readonly #gaps: Gap[] = [];

  constructor(
    private readonly limit: number,
    private readonly selected: Selected,
  ) {}

  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** Adds the records of the next chunk in the order of the file. */
  add(chunk: TimedChunk): void {
    const { eventIds, fromNs, toNs } = this.selected;
    const events = unpackEvents(chunk);
    const timestamps = unpackTimestamps(chunk);
    const pids = unpackPids(chunk);
    const inTime = timeTest({ timestamps }, fromNs, toNs);
    const first = Number(chunk.firstSequence);
    for (let row = 0; row < chunk.count; row += 1) {
      const eventId = events[row]!;
      if ((eventIds !== null && !eventIds.has(eventId)) || !inTime(row)) continue;
      const [low, high] = [timestamps[2 * row]!, timestamps[2 * row + 1]!];
      this.#addRecord(pids[row]!, { sequence: first + row, eventId, high, low });
    }
  }

  #addRecord(pid: number, after: GapEnd): void {
    const before = this.#last.get(pid);
    // A forgotten pid loses one gap.
    if (before === undefined && this.#last.size >= MAX_PIDS) this.#last.clear();
    this.#last.set(pid, after);
    if (before === undefined) return;
    const ns = (after.high - before.high) * 2 ** 32 + after.low - before.low;
    const shortest = this.#gaps.length < this.limit ? 0 : this.#gaps.at(-1)!.ns;
    if (ns <= shortest) return;
    const place = this.#gaps.findIndex((gap) => gap.ns < ns);
    this.#gaps.splice(place < 0 ? this.#gaps.length : place, 0, { ns, pid, before, after });
    this.#gaps.length = Math.min(this.#gaps.length, this.limit);
  }
}
