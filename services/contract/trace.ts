// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Side } from './side.js';
import { BigNumber } from './sample.js';
import { EventName, TraceEventArgument } from './qemu.js';

/** Times between consecutive records of one event with one pid; quantiles to within 1 %. */
export const InterArrival = z.object({
  count: BigNumber.describe(
    'gaps that were counted: fewer than records, because the first record of a pid has none',
  ),
  minNs: BigNumber,
  meanNs: z.number(),
  p50Ns: BigNumber,
  p90Ns: BigNumber,
  p99Ns: BigNumber,
  p999Ns: BigNumber,
  maxNs: BigNumber,
});
export type InterArrival = z.infer<typeof InterArrival>;

/** Summary of one event of one trace, computed while the trace was read. */
export const TraceEventSummary = z.object({
  name: EventName,
  arguments: z.array(TraceEventArgument),
  count: BigNumber,
  firstNs: BigNumber,
  lastNs: BigNumber,
});
export type TraceEventSummary = z.infer<typeof TraceEventSummary>;

export const Trace = z.object({
  id: z.string(),
  jobId: z.string(),
  variant: z.string(),
  side: Side,
  workload: z.string(),
  block: z.number().int(),
  format: z.literal('simple/4'),
  records: BigNumber.describe('records in the file, stored or not'),
  recordsStored: BigNumber.describe('fewer than `records` if the quota was reached'),
  dropped: BigNumber.describe(
    'records that QEMU dropped because it could not keep up, by its own count',
  ),
  fileBytes: BigNumber.describe('size of the file, as far as it was read'),
  rawBytes: BigNumber.describe('bytes from the start of the file that can be downloaded'),
  storedBytes: BigNumber.describe(
    'compressed size of the stored records, histogram and statistics; 0: all are removed',
  ),
  sha256: z
    .string()
    .nullable()
    .describe('of the complete file; null if it was not read to its end'),
  partial: z
    .boolean()
    .describe(
      'the file is truncated or unreadable after some byte; everything before that byte is here',
    ),
  partialReason: z.string().nullable().describe('why, and at which byte'),
  quotaReached: z
    .boolean()
    .describe(
      'records beyond the byte quota are not stored; counts, statistics and histogram include them',
    ),
  keptUntil: z.iso
    .datetime()
    .nullable()
    .describe(
      "latest removal of the records, by the job's `traceDays`; null without it. " +
        'The service may remove them earlier',
    ),
  expiredAt: z
    .string()
    .nullable()
    .describe(
      'when the records were removed to free space; counts stay, statistics and histogram while ' +
        '`storedBytes` is not 0',
    ),
  firstNs: BigNumber.nullable(),
  lastNs: BigNumber.nullable(),
  events: z.array(TraceEventSummary),
});
export type Trace = z.infer<typeof Trace>;

export const TraceList = z.object({ traces: z.array(Trace) });
export type TraceList = z.infer<typeof TraceList>;

/** One trace record. Integers of 64 bits are decimal strings, text arguments are text. */
export const TraceRecord = z.object({
  sequence: BigNumber.describe('position in the file, from 0'),
  timestampNs: BigNumber,
  event: EventName,
  pid: z
    .number()
    .int()
    .describe("as recorded: QEMU's process, or the thread in files of the `record` example"),
  arguments: z.record(z.string(), z.string()),
});
export type TraceRecord = z.infer<typeof TraceRecord>;

export const RecordPage = z.object({
  records: z.array(TraceRecord),
  next: BigNumber.nullable().describe(
    '`after` of the next page: every record up to this one was scanned; null on the last page. ' +
      'A page without records, or with fewer than requested, may still have a next page',
  ),
});
export type RecordPage = z.infer<typeof RecordPage>;
