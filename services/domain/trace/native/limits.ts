// SPDX-License-Identifier: GPL-2.0-or-later
/** Sizes that records.c has too. */

/** Largest number of records in a chunk. */
export const CHUNK_RECORDS = 16_384;
/** Ids that an event can have in a file: they are stored as smallint. */
export const EVENT_IDS = 0x8000;
/** Limit for the events of one file; QEMU 7.2 has a few thousand. */
export const MAX_EVENTS = 4096;
/** Bytes of the file that are parsed at a time; more than the largest record. */
export const WINDOW_BYTES = 256 * 1024;
/** Bins of gap-histogram.ts, up to 2^63 ns. */
export const GAP_BINS = 64 * 59;
