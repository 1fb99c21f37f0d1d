// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Limits for trace files, which are hostile; the format is in
 * services/domain/trace/simple-format.ts.
 */

/** Limit for a record or a name. */
export const MAX_RECORD_BYTES = 64 * 1024;
/** Limit for the bytes between the records of a chunk: event names, counts of dropped records. */
export const MAX_BETWEEN_BYTES = 1024 * 1024;

/** A trace file that violates its format. The message has no NUL, which Postgres cannot store. */
export class TraceFormatError extends Error {
  /** Offset of the error in the file, in bytes. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason.replaceAll('\0', '\u{fffd}')} (at byte ${offset})`);
    this.name = 'TraceFormatError';
    this.offset = offset;
  }
}
