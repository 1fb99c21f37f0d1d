import { z } from 'zod';
import { Side } from './side.js';

/** A count or duration beyond 2^53: decimal digits in a string. */
export const BigNumber = z.string().regex(/^\d+$/);

/** A line `QIBENCH name=value unit` that the guest or the instrumentation printed. */
export const Metric = z.object({ name: z.string(), value: z.number(), unit: z.string() });
export type Metric = z.infer<typeof Metric>;

/** One measured run of one variant with one workload in one block. */
export const Sample = z.object({
  id: z.string(),
  variant: z.string(),
  side: Side,
  workload: z.string(),
  batch: z.number().int().describe('1, or 2 in the batch that confirms'),
  block: z.number().int().describe('numbered through all batches; 0 is the warm-up block, never part of a comparison'),
  position: z.number().int().describe('place within the block, from 0'),
  wallNs: BigNumber,
  userNs: BigNumber,
  systemNs: BigNumber,
  maxRssBytes: BigNumber,
  exitStatus: z.number().int(),
  metrics: z.array(Metric),
  events: z.record(z.string(), BigNumber).nullable().describe('count per event; null where the variant does not count'),
  recordsStored: BigNumber.nullable(),
  recordsDropped: BigNumber.nullable(),
  traceId: z.string().nullable(),
  hostFingerprint: z.string(),
  buildKey: z.string(),
  startedAt: z.iso.datetime(),
});
export type Sample = z.infer<typeof Sample>;

export const SampleList = z.object({ samples: z.array(Sample) });

/** What the runner inside the container prints on its stdout: one line of this JSON. */
export const RunResult = z.object({
  schema: z.literal('qibench.run/1'),
  wallNs: BigNumber,
  userNs: BigNumber,
  systemNs: BigNumber,
  maxRssBytes: BigNumber,
  minorFaults: z.number(),
  majorFaults: z.number(),
  voluntarySwitches: z.number(),
  involuntarySwitches: z.number(),
  exitStatus: z.number().int().nullable(),
  signal: z.number().int().nullable(),
  timedOut: z.boolean(),
  outputBytes: z.number(),
  outputTruncated: z.boolean(),
  error: z.string().nullable(),
});
export type RunResult = z.infer<typeof RunResult>;
