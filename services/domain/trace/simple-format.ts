// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Format of the trace files of QEMU's `simple` backend, version 4.
 *
 * Sources: trace/simple.c and scripts/simpletrace.py of QEMU 7.2. All numbers are little-endian.
 *
 *     header   u64 0xffffffffffffffff, u64 0xf2b177cb0aa429b4, u64 version = 4
 *     mapping  u64 0, u64 event id, u32 length, name
 *     record   u64 1, u64 event id, u64 timestamp ns, u32 length (with these 24 bytes), u32 pid, arguments
 *     argument u64; text: u32 length, bytes
 *     dropped  a record with event id 0xfffffffffffffffe and one argument: number of dropped records
 */

export const HEADER_BYTES = 24;
/** Size of the number that states the type of what follows. */
export const TYPE_BYTES = 8;
/** Size of a record's header after its type. */
export const RECORD_HEADER_BYTES = 24;
