// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Side } from './side.js';

/** A count or duration that may exceed 2^53, as decimal digits in a string. */
export const BigNumber = z.string().regex(/^\d+$/);

/** A line `QIBENCH name=value unit` that the guest or the instrumentation printed. */
export const Metric = z.object({ name: z.string(), value: z.number(), unit: z.string() });
export type Metric = z.infer<typeof Metric>;

/**
 * Purpose of a sample. Only `timed` samples are evidence of time; `instructions` samples ran under
 * a counter that slows them down.
 */
export const SampleKind = z.enum(['timed', 'instructions']);
export type SampleKind = z.infer<typeof SampleKind>;

/**
 * Activity on the host while a sample ran; null where the host does not report it. Recorded only:
 * noise never excludes a sample.
 */
export const Noise = z.object({
  stealNs: BigNumber.nullable().describe(
    'time for which a hypervisor gave the measuring CPUs to other guests, in steps of 10 ms',
  ),
  pressureNs: z
    .object({ cpu: BigNumber.nullable(), io: BigNumber.nullable(), memory: BigNumber.nullable() })
    .describe(
      'time in which some task of the host waited for the resource ("some" of /proc/pressure)',
    ),
  load: z.number().nullable().describe("the host's load average of one minute, at the end"),
  frequencyHz: z.number().nullable().describe('mean over the measuring CPUs, at the end'),
});
export type Noise = z.infer<typeof Noise>;

/**
 * Amount of work for a run's guest: `empty` shows the cost of starting, `middle` whether the cost
 * is linear.
 */
export const SampleSize = z.enum(['full', 'empty', 'middle']);
export type SampleSize = z.infer<typeof SampleSize>;

/** One measured run of one variant with one workload in one block. */
export const Sample = z.object({
  id: z.string(),
  kind: SampleKind,
  variant: z.string(),
  side: Side,
  workload: z.string(),
  batch: z.number().int().describe('1, or 2 in the confirmation batch'),
  block: z
    .number()
    .int()
    .describe(
      'numbered through all batches; 0 is the warm-up block, never part of a comparison. ' +
        'For instruction samples: the repetition from 1, or 0 for the run that counts guest instructions',
    ),
  position: z.number().int().describe('place within the block, from 0'),
  group: z
    .number()
    .int()
    .default(0)
    .describe('runs of a block with the same group run back to back and are compared'),
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
    .describe('link of the build that ran, from 0; null: the only one'),
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
  voluntarySwitches: BigNumber.default('0').describe('context switches because a task waits'),
  involuntarySwitches: BigNumber.default('0').describe('context switches to run another task'),
  exitStatus: z.number().int(),
  metrics: z.array(Metric),
  events: z
    .record(z.string(), BigNumber)
    .nullable()
    .describe('count per event; null if the variant does not count'),
  hostInstructions: BigNumber.nullable().describe(
    'executed in user mode by QEMU; null if neither hardware nor callgrind counted',
  ),
  guestInstructions: BigNumber.nullable().describe(
    'executed by the guest; counted in instruction samples only',
  ),
  noise: Noise.nullable().describe('null in samples of versions that did not record it'),
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
  workload: z.string().max(1000).optional().describe('label; only samples of this workload'),
});
export const SampleList = z.object({ samples: z.array(Sample) });
export type SampleList = z.infer<typeof SampleList>;

/** Raw text of kernel files; empty if a file does not exist. */
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
 * The runner's answer to one request: one line of this JSON on its stdout, followed by
 * `forwardedBytes` bytes of the program's output.
 *
 * @see dockerfiles/runner/qibench-run.c
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
    .describe(
      'the kernel killed a process of the run for its memory; null if it does not report that',
    ),
  outputBytes: z.number().describe('printed by the program'),
  forwardedBytes: z
    .number()
    .int()
    .nonnegative()
    .describe('bytes that follow this line: all of the output, or its beginning and its end'),
  outputTruncated: z.boolean(),
  error: z.string().nullable().describe('why the program did not run, or not as requested'),
  leftBehind: z
    .string()
    .nullable()
    .describe('leftovers that the next run in this container would find; null without any'),
  hostInstructions: BigNumber.nullable(),
  instructionsSkipped: z.string().nullable().describe('why hostInstructions is null'),
  region: z
    .object({ wallNs: BigNumber, cpuNs: BigNumber, hostInstructions: BigNumber.nullable() })
    .optional()
    .describe('between the two marks of the request; absent without them, or if one is missing'),
  before: HostState.describe('right before the measured window'),
  after: HostState,
});
export type RunResult = z.infer<typeof RunResult>;
