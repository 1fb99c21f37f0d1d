import { z } from 'zod';
import { Side } from './side.js';
import { BigNumber } from './sample.js';
import { EventName, TraceEventArgument } from './qemu.js';

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
  records: BigNumber,
  dropped: BigNumber,
  fileBytes: BigNumber,
  partial: z.boolean().describe('the file ends within a record, as after a kill; everything before it is here'),
  firstNs: BigNumber.nullable(),
  lastNs: BigNumber.nullable(),
  events: z.array(TraceEventSummary),
});
export type Trace = z.infer<typeof Trace>;

export const TraceList = z.object({ traces: z.array(Trace) });

export const RecordQuery = z.strictObject({
  after: z.coerce.bigint().min(0n).max(9223372036854775807n).optional().describe('`next` of the previous page'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

/** One trace record. Integers of 64 bits are decimal strings, text arguments are text. */
export const TraceRecord = z.object({
  sequence: BigNumber.describe('position in the file, from 0'),
  timestampNs: BigNumber,
  event: EventName,
  pid: z.number().int(),
  arguments: z.record(z.string(), z.string()),
});
export type TraceRecord = z.infer<typeof TraceRecord>;

export const RecordPage = z.object({ records: z.array(TraceRecord), next: BigNumber.nullable() });
export type RecordPage = z.infer<typeof RecordPage>;
