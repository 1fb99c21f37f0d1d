/** What is believed of a trace file; its format is in services/domain/trace/simple-format.ts. */

/** Longest record or name that is believed. */
export const MAX_RECORD_BYTES = 64 * 1024;
/** Ids are kept as smallint; QEMU 7.2 has some thousand events. */
export const MAX_EVENT_ID = 0x7fff;
/** Events of one file. */
export const MAX_EVENTS = 4096;
/** What is believed to stand between two records: names of events, counts of dropped records. */
export const MAX_BETWEEN_BYTES = 1024 * 1024;

/** A file that is not what it claims to be. */
export class TraceFormatError extends Error {
  /** Where in the file, in bytes from its start. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason} (at byte ${offset})`);
    this.name = 'TraceFormatError';
    this.offset = offset;
  }
}
