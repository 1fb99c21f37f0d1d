import { z } from 'zod';
import { Side } from './side.js';
import { BigNumber } from './sample.js';
import { EventName, TraceEventArgument } from './qemu.js';

/** Times between records of one event that follow each other in one thread; quantiles to within 1 %. */
export const InterArrival = z.object({
  count: BigNumber.describe(
    'gaps that were counted: fewer than records, the first record of a thread has none before it',
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

/** What is known of one event of one trace, computed while it was read. */
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
  records: BigNumber.describe('in the file, stored or not'),
  recordsStored: BigNumber.describe('fewer than `records` where the quota was reached'),
  dropped: BigNumber.describe('records that QEMU could not keep up with, by its own count'),
  fileBytes: BigNumber.describe('of the file, as far as it was read'),
  rawBytes: BigNumber.describe('of the file, from its start, that can be downloaded'),
  storedBytes: BigNumber.describe('that the stored records take, compressed'),
  sha256: z.string().nullable().describe('of the whole file; null if it was not read to its end'),
  partial: z
    .boolean()
    .describe(
      'the file was cut short or is not understood behind some place; everything before it is here',
    ),
  partialReason: z.string().nullable().describe('why, and at which byte'),
  quotaReached: z
    .boolean()
    .describe(
      'records behind the quota of bytes were counted, and are in statistics and histogram, but are not stored',
    ),
  keptUntil: z.iso
    .datetime()
    .nullable()
    .describe(
      'when the records are removed at the latest, by `traceDays` of the job; null where it has none. The service may remove them earlier',
    ),
  expiredAt: z
    .string()
    .nullable()
    .describe('when the records were removed to make room; counts, statistics and histogram stay'),
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
  pid: z.number().int(),
  arguments: z.record(z.string(), z.string()),
});
export type TraceRecord = z.infer<typeof TraceRecord>;

export const RecordPage = z.object({
  records: z.array(TraceRecord),
  next: BigNumber.nullable().describe(
    '`after` of the next page: every record up to this one was looked at. Null if there is none left; a page can have no record and a next one all the same',
  ),
});
export type RecordPage = z.infer<typeof RecordPage>;
