import { z } from 'zod';
import { Side } from './side.js';

/** A count or duration beyond 2^53: decimal digits in a string. */
export const BigNumber = z.string().regex(/^\d+$/);

/** A line `QIBENCH name=value unit` that the guest or the instrumentation printed. */
export const Metric = z.object({ name: z.string(), value: z.number(), unit: z.string() });
export type Metric = z.infer<typeof Metric>;

/** What a sample is for. Only `timed` ones are evidence of time; `instructions` ones ran under a counter that slows them down. */
export const SampleKind = z.enum(['timed', 'instructions']);
export type SampleKind = z.infer<typeof SampleKind>;

/** What was going on while a sample ran; null where the host does not say. Recorded, never used to drop a sample. */
export const Noise = z.object({
  stealNs: BigNumber.nullable().describe(
    'time that a hypervisor gave the measuring CPUs to others; in steps of 10 ms',
  ),
  pressureNs: z
    .object({ cpu: BigNumber.nullable(), io: BigNumber.nullable(), memory: BigNumber.nullable() })
    .describe('time in which some task of the host waited for it ("some" of /proc/pressure)'),
  load: z.number().nullable().describe("the host's load average of one minute, at the end"),
  frequencyHz: z.number().nullable().describe('mean over the measuring CPUs, at the end'),
});
export type Noise = z.infer<typeof Noise>;

/** How much work a run's guest had: `empty` shows what starting costs, `middle` whether the cost is linear. */
export const SampleSize = z.enum(['full', 'empty', 'middle']);
export type SampleSize = z.infer<typeof SampleSize>;

/** One measured run of one variant with one workload in one block. */
export const Sample = z.object({
  id: z.string(),
  kind: SampleKind,
  variant: z.string(),
  side: Side,
  workload: z.string(),
  batch: z.number().int().describe('1, or 2 in the batch that confirms'),
  block: z
    .number()
    .int()
    .describe(
      "numbered through all batches; 0 is the warm-up block, never part of a comparison; of instruction samples, the repetition from 1, or 0 for the run that counts the guest's",
    ),
  position: z.number().int().describe('place within the block, from 0'),
  group: z
    .number()
    .int()
    .default(0)
    .describe('runs of a block with the same number follow each other and are compared'),
  size: SampleSize.default('full'),
  sizeValue: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe("value of the workload's size parameter; null for workloads without one"),
  link: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe('which link of the build ran, from 0; null: the only one'),
  cpus: z.string().default('').describe("CPUs it ran on, in the kernel's list syntax"),
  environmentBytes: z.number().int().default(0).describe('random padding that moves the stack'),
  stackBytes: z
    .number()
    .int()
    .default(0)
    .describe('random soft limit of the stack, which moves mapped memory; 0: the default'),
  wallNs: BigNumber,
  userNs: BigNumber,
  systemNs: BigNumber,
  maxRssBytes: BigNumber,
  minorFaults: BigNumber.default('0').describe('page faults without reading from a disk'),
  majorFaults: BigNumber.default('0').describe('page faults that read from a disk'),
  voluntarySwitches: BigNumber.default('0').describe('context switches in order to wait'),
  involuntarySwitches: BigNumber.default('0').describe('context switches for another task'),
  exitStatus: z.number().int(),
  metrics: z.array(Metric),
  events: z
    .record(z.string(), BigNumber)
    .nullable()
    .describe('count per event; null where the variant does not count'),
  hostInstructions: BigNumber.nullable().describe(
    'executed in user mode by QEMU; null where neither hardware nor callgrind counted',
  ),
  guestInstructions: BigNumber.nullable().describe(
    'executed by the guest; counted in instruction samples only',
  ),
  noise: Noise.nullable().describe('null in samples from before it was recorded'),
  recordsStored: BigNumber.nullable(),
  recordsDropped: BigNumber.nullable(),
  traceId: z.string().nullable(),
  hostFingerprint: z.string(),
  buildKey: z.string(),
  startedAt: z.iso.datetime(),
});
export type Sample = z.infer<typeof Sample>;

export const SampleListQuery = z.strictObject({
  kind: SampleKind.default('timed'),
  workload: z.string().max(1000).optional().describe('label of the only workload wanted'),
});
export const SampleList = z.object({ samples: z.array(Sample) });
export type SampleList = z.infer<typeof SampleList>;

/** The kernel's own text; empty where it has none. */
const HostState = z.object({
  stat: z.string().describe('the lines of /proc/stat of the CPUs that the run may use'),
  pressureCpu: z.string(),
  pressureIo: z.string(),
  pressureMemory: z.string(),
  load: z.string().describe('/proc/loadavg'),
  frequenciesKhz: z.string().describe('one line for each CPU that the run may use'),
});
export type HostState = z.infer<typeof HostState>;

/**
 * The runner's answer to one request: one line of this JSON on its stdout, followed by `forwardedBytes` bytes of what
 * the program printed. Source: dockerfiles/runner/qibench-run.c.
 */
export const RunResult = z.object({
  schema: z.literal('qibench.run/3'),
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
  outOfMemory: z
    .boolean()
    .nullable()
    .describe('the kernel ended a process of the run for its memory; null where it does not say'),
  outputBytes: z.number().describe('printed by the program'),
  forwardedBytes: z
    .number()
    .int()
    .nonnegative()
    .describe('follow this line: all of the output, or its beginning and its end'),
  outputTruncated: z.boolean(),
  error: z.string().nullable().describe('why the program did not run, or not as requested'),
  leftBehind: z
    .string()
    .nullable()
    .describe('what the next run in this container would find of this one; null for nothing'),
  hostInstructions: BigNumber.nullable(),
  instructionsSkipped: z.string().nullable().describe('why hostInstructions is null'),
  before: HostState.describe('right before the measured window'),
  after: HostState,
});
export type RunResult = z.infer<typeof RunResult>;
