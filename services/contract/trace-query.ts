// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { BigNumber } from './sample.js';
import { EventName } from './qemu.js';
import { InterArrival, TraceEventSummary, TraceRecord } from './trace.js';

const MAX_BIGINT = 9223372036854775807n;
const bigint = z.coerce.bigint().min(0n).max(MAX_BIGINT);
/** A query parameter that may be repeated. */
const several = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(most).optional(),
  );

/** Selects records by event and by time; `toNs` is inclusive. */
const Selection = {
  event: several(EventName, 100).describe('only these events; may be repeated'),
  fromNs: bigint.optional().describe("first ns, of the host's monotonic clock"),
  toNs: bigint.optional().describe('last ns'),
};

interface TimeRange {
  readonly fromNs?: bigint | undefined;
  readonly toNs?: bigint | undefined;
}

/** Refuses a query whose time range ends before it begins. */
const inOrder = <T extends z.ZodType<TimeRange>>(query: T): T =>
  query.refine(({ fromNs, toNs }) => fromNs === undefined || toNs === undefined || fromNs <= toNs, {
    path: ['toNs'],
    error: 'is before fromNs',
  });

export const RecordQuery = inOrder(
  z.strictObject({
    ...Selection,
    where: several(z.string().min(1).max(1000), 20).describe(
      'a condition on an argument, like addr=0x3f8; may be repeated, all must hold. ' +
        'Numbers (decimal or 0x…): = != < <= > >=; text: = != and ~ (contains). ' +
        'Records whose event lacks the argument do not match',
    ),
    after: bigint.optional().describe('`next` of the previous page'),
    limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  }),
);
export type RecordQuery = z.infer<typeof RecordQuery>;

export const HistogramQuery = inOrder(
  z.strictObject({
    ...Selection,
    bins: z.coerce
      .number()
      .int()
      .min(1)
      .max(2_000)
      .default(500)
      .describe(
        'maximum number of bins; the answer has at least half of it, unless only coarser bins are stored',
      ),
  }),
);
export type HistogramQuery = z.infer<typeof HistogramQuery>;

/** Records per event and time bin. Bin i is [fromNs + i * binNs, fromNs + (i + 1) * binNs). */
export const TraceHistogram = z.object({
  fromNs: BigNumber.describe('a multiple of binNs, not after the requested time'),
  binNs: BigNumber.describe('a power of two'),
  bins: z.number().int(),
  events: z
    .array(z.object({ name: EventName, counts: z.array(z.number().int()) }))
    .describe('events with the most records first, at most 50'),
  others: z
    .array(z.number().int())
    .nullable()
    .describe('all further events together; null without any'),
});
export type TraceHistogram = z.infer<typeof TraceHistogram>;

export const TraceEventStatistics = TraceEventSummary.extend({
  perSecond: z
    .number()
    .nullable()
    .describe(
      'records per second between the first and the last record of the event; null for a single one',
    ),
  interArrival: InterArrival.nullable(),
  format: z
    .string()
    .nullable()
    .describe(
      "format string as the build's trace-events-all declares it: C literals and macros like " +
        'PRIx64; null without one',
    ),
});
export type TraceEventStatistics = z.infer<typeof TraceEventStatistics>;

export const TraceEventList = z.object({
  events: z.array(TraceEventStatistics).describe('events with the most records first'),
});
export type TraceEventList = z.infer<typeof TraceEventList>;

export const GapQuery = inOrder(
  z.strictObject({
    ...Selection,
    limit: z.coerce.number().int().min(1).max(1_000).default(10),
  }),
);
export type GapQuery = z.infer<typeof GapQuery>;

const GapEnd = TraceRecord.pick({ sequence: true, timestampNs: true, event: true });

/** Time between two consecutive selected records of one pid. */
export const TraceGap = z.object({
  durationNs: BigNumber,
  pid: z.number().int(),
  before: GapEnd.describe('the record before the gap'),
  after: GapEnd.describe('the record after the gap'),
});
export type TraceGap = z.infer<typeof TraceGap>;

export const TraceGaps = z.object({
  gaps: z.array(TraceGap).describe('longest first; of equal ones, the first in the file'),
});
export type TraceGaps = z.infer<typeof TraceGaps>;

export const TRACE_FORMATS = ['chrome', 'csv', 'ndjson'] as const;
export const TraceFormat = z.enum(TRACE_FORMATS);
export type TraceFormat = z.infer<typeof TraceFormat>;

/** Content type and file extension of each format. */
export const TRACE_MEDIA: Readonly<
  Record<TraceFormat, { readonly contentType: string; readonly extension: string }>
> = {
  chrome: { contentType: 'application/json; charset=utf-8', extension: 'trace.json' },
  csv: { contentType: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  ndjson: { contentType: 'application/x-ndjson; charset=utf-8', extension: 'ndjson' },
};

export const TraceExportQuery = inOrder(z.strictObject({ format: TraceFormat, ...Selection }));

export const TraceComparisonQuery = z.strictObject({
  a: z.string().regex(/^\d{1,18}$/, 'a trace id: digits'),
  b: z.string().regex(/^\d{1,18}$/, 'a trace id: digits'),
  ignore: several(z.string().regex(/^\w+$/, 'name of an argument').max(128), 100).describe(
    'arguments that may differ, like pointers; may be repeated',
  ),
  after: bigint.optional().describe('`next` of the previous answer'),
});
export type TraceComparisonQuery = z.infer<typeof TraceComparisonQuery>;

/**
 * Comparison of two traces, record by record in file order: events and arguments, never times and
 * pids.
 */
export const TraceComparison = z.object({
  a: z.string(),
  b: z.string(),
  counts: z.array(z.object({ event: EventName, a: BigNumber, b: BigNumber })),
  divergence: z
    .object({
      index: BigNumber.describe('position in both files, from 0'),
      a: TraceRecord.nullable(),
      b: TraceRecord.nullable(),
    })
    .nullable()
    .describe('the first position at which they differ; a side that has ended there is null'),
  complete: z
    .boolean()
    .describe(
      'false if a trace was truncated or has records that are not stored: these are not compared',
    ),
  compared: BigNumber.describe(
    'records from the start that are known to be equal, including earlier answers',
  ),
  next: BigNumber.nullable().describe('`after` of the next request; null at the end'),
});
export type TraceComparison = z.infer<typeof TraceComparison>;
