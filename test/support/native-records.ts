// SPDX-License-Identifier: GPL-2.0-or-later
import { NativeRecords } from '#domain/trace/native/records.js';

/** A record without arguments. */
export interface Row {
  readonly ns: bigint;
  readonly eventId: number;
  readonly pid: number;
}

/** Replaces the records of the chunk, and sorts them. */
export function setRows(records: NativeRecords, rows: readonly Row[]): void {
  records.clear();
  for (const [row, { ns, eventId, pid }] of rows.entries()) {
    records.events[row] = eventId;
    records.timestamps[row] = ns;
    records.pids[row] = pid;
  }
  records.count = rows.length;
  records.sort();
}
