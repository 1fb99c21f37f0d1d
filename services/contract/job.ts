// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ConfigureOptions } from './configure.js';
import { BranchName, CommitName, ProjectName, storable } from './project.js';
import { EventName, EventPatterns, Target } from './qemu.js';
import { isShort, QemuInvocation, TOO_LONG } from './qemu-invocation.js';
import { Priority, Requires } from './requires.js';
import { Baseline, BaselineInFile, PlannedSide, Side } from './side.js';
import { MeasureRequest } from './stopping.js';
import { THRESHOLD_DEFAULT, Threshold, ThresholdOverride } from './threshold.js';
import { Sweep, Swept } from './sweep.js';
import { qemuSource } from './source.js';
import { Digest } from './upload.js';
import { InstrumentationArguments, Variant, VariantInFile, VariantRequest } from './variant.js';
import { WorkloadInFile, WorkloadRequest } from './workload.js';
import { WorkloadUpload } from './workload-upload.js';
import { ErrorBody } from './error.js';

/** Limits of every job. A project's quota is usually lower. */
export const JOB_LIMITS = {
  variants: 512,
  workloads: 256,
  /** Variants × workloads. */
  cells: 2_048,
  /** Events that variants have of their own, over all variants. */
  ownEvents: 16_384,
  blocksMinimum: 6,
  blocksMaximum: 2_000,
} as const;

const qemu = <F extends z.ZodType<string>>(folder: F) =>
  z
    .strictObject({
      version: storable(z.string().max(32)),
      target: Target,
      source: qemuSource(folder)
        .optional()
        .describe(
          "in place of Debian's package of the version, whose toolchain and configure options remain",
        ),
      patches: folder
        .optional()
        .describe(
          'upload of *.patch, *.diff and *.mbox files, applied to the source in the order of their names',
        ),
      configure: ConfigureOptions.optional().describe(
        "options for QEMU's configure, after qibench's own",
      ),
      ...QemuInvocation.shape,
    })
    .refine(isShort, TOO_LONG);

/**
 * The job file, and the body of `POST /v1/jobs`. In a file, `instrumentation`, `patches`, a variant's
 * `plugin` and a workload's `from` may name a folder, which the client uploads.
 */
export const JobRequest = z.strictObject({
  name: storable(z.string().trim().min(1).max(200)),
  qemu: qemu(Digest),
  events: EventPatterns.default([]).describe('required by every mode except "none" and "plugin"'),
  instrumentation: Digest.optional(),
  arguments: InstrumentationArguments.optional().describe(
    'arguments of the instrumentation: `argv` of its `qi_init`',
  ),
  variants: z.array(VariantRequest).min(1).max(JOB_LIMITS.variants),
  workloads: z.array(WorkloadRequest).min(1).max(JOB_LIMITS.workloads),
  sweep: Sweep.optional().describe(
    'values to measure one after the other; "events": every event alone',
  ),
  measure: MeasureRequest.default({ threshold: THRESHOLD_DEFAULT }).describe(
    'measure until every comparison is decided, or the time is up',
  ),
  blocks: z
    .number()
    .int()
    .min(JOB_LIMITS.blocksMinimum)
    .max(JOB_LIMITS.blocksMaximum)
    .optional()
    .describe(
      'fixed number of measured blocks instead; one warm-up block is run first and discarded',
    ),
  baseline: Baseline.optional().describe(
    'reference that the job is compared with, run in the same blocks',
  ),
  thresholds: z.array(ThresholdOverride).max(64).default([]),
  confirm: z
    .boolean()
    .optional()
    .describe(
      'measure a second batch if the first suspects a regression; ' +
        'only for a job with a baseline, where the default is true',
    ),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe('seed of the order within blocks; default: random'),
  instructions: z
    .boolean()
    .optional()
    .describe(
      'also count host and guest instructions, in separate runs after the measured blocks; default: false',
    ),
  profile: z
    .boolean()
    .optional()
    .describe(
      'also profile one run of every variant with every workload, after all other runs, on builds ' +
        'with line numbers; default: false',
    ),
  traceDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe(
      'days after which the records of its traces are removed; the service may remove them earlier; ' +
        "default: the service's setting",
    ),
  check: z
    .literal('port')
    .optional()
    .describe('end when the plan is complete: fetch the sources and try the port, measure nothing'),
  requires: Requires.optional().describe(
    'requirements on the measuring worker; default: any worker',
  ),
  priority: Priority.optional().describe('among the jobs of its project; default: "normal"'),
  project: ProjectName.optional().describe(
    'project whose history gets the results of the head side when the job succeeds; default: none',
  ),
  branch: BranchName.optional().describe('branch of the project; default: "main"'),
  commit: CommitName.optional().describe('commit that was measured on the head side'),
  committedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      "the commit's position in the history; default: the time at which the job was accepted",
    ),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** The job file before its folders are uploaded. */
export const JobFile = JobRequest.extend({
  qemu: qemu(z.string().min(1)),
  baseline: BaselineInFile.optional(),
  instrumentation: z.string().min(1).optional(),
  variants: z.array(VariantInFile).min(1).max(JOB_LIMITS.variants),
  workloads: z.array(WorkloadInFile).min(1).max(JOB_LIMITS.workloads),
});
export type JobFile = z.infer<typeof JobFile>;

/** Range in which a workload's amount of work scales. */
export const PlannedSize = z.object({
  parameter: z.string(),
  empty: z.number().int().describe('size with almost no work: such a run measures the start'),
  full: z
    .number()
    .int()
    .nullable()
    .describe('size from the request; null: chosen on the host, for runs of 50 to 100 ms'),
  minimum: z.number().int(),
  maximum: z.number().int(),
});
export type PlannedSize = z.infer<typeof PlannedSize>;

/** A workload of a plan, with all parameters set and a label that is unique within the job. */
export const PlannedWorkload = z.object({
  label: z.string(),
  name: z.string(),
  parameters: z
    .record(z.string(), z.number().int())
    .describe(
      'with defaults; if `size.full` is null, runs have another value of `size.parameter`, ' +
        'which `sizes` of the comparison has',
    ),
  timeoutSeconds: z.number().int(),
  vcpus: z.number().int().default(1).describe('virtual CPUs; with one, a block runs on one CPU'),
  size: PlannedSize.nullable().default(null).describe('null: its work cannot be scaled'),
  qemu: QemuInvocation.optional().describe("the workload's and the sweep's, after the job's"),
  swept: Swept.optional().describe('values of a sweep that this workload stands for'),
  uploaded: WorkloadUpload.extend({ digest: Digest })
    .optional()
    .describe('absent: a workload that qibench ships'),
});
export type PlannedWorkload = z.infer<typeof PlannedWorkload>;

/** Estimate made before the job measures. */
export const Expected = z.object({
  blocks: z
    .number()
    .int()
    .describe('blocks needed to show with 95 % confidence that nothing changed'),
  seconds: z.number().describe('measuring time, without builds'),
  noiseSd: z.number().describe("assumed robust standard deviation of a block's log ratio"),
  hostFingerprint: z.string().describe('host that measured such a guest last'),
});
export type Expected = z.infer<typeof Expected>;

/** A variant that a job leaves out. */
export const RefusedVariant = z.object({
  variant: z.string(),
  side: Side,
  reason: z.string().describe("the reject of the port's nearest patch"),
});
export type RefusedVariant = z.infer<typeof RefusedVariant>;

/**
 * Plan of a job, fixed when the job is accepted; a worker completes an open one. The defaults give
 * plans of earlier versions their meaning.
 */
export const JobPlan = z.object({
  events: z.array(EventName).describe('events of the head side: expanded patterns, sorted'),
  sides: z
    .object({
      head: PlannedSide,
      base: PlannedSide.nullable(),
      same: z.boolean().describe('base is head: an A/A job'),
    })
    .nullable()
    .default(null)
    .describe('null in plans of versions without sides: head is as in the request, without a base'),
  qemu: QemuInvocation.optional().describe("the job's; before the workload's and the variant's"),
  variants: z.array(Variant).describe('variants of both sides, head first'),
  open: z
    .literal(true)
    .optional()
    .describe('a worker still has to look into a source: at its events, and at which port applies'),
  refused: z
    .array(RefusedVariant)
    .optional()
    .describe('variants that need a port, on sides whose source none applies to'),
  workloads: z.array(PlannedWorkload),
  blocks: z
    .number()
    .int()
    .describe('measured blocks of one batch; the maximum if withinSeconds is not null'),
  withinSeconds: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe(
      'time for all measured blocks of a job that measures until its comparisons are decided; ' +
        'null: a fixed number of blocks',
    ),
  fewestBlocks: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe(
      'blocks that a single difference among all comparisons needs, however large it is; ' +
        'null if the number of blocks is not fixed',
    ),
  links: z
    .number()
    .int()
    .default(1)
    .describe('links per build of a side, each in another order; blocks alternate between them'),
  expected: Expected.nullable()
    .default(null)
    .describe('estimate from earlier jobs of the hosts; null without an earlier job'),
  batches: z
    .number()
    .int()
    .default(1)
    .describe(
      'maximum number of batches; the second is measured only if the first suspects a regression',
    ),
  threshold: Threshold.default(THRESHOLD_DEFAULT),
  thresholds: z.array(ThresholdOverride).default([]),
  seed: z.number().int().describe('seed of the random order of variants within blocks'),
});
export type JobPlan = z.infer<typeof JobPlan>;

export const JOB_STATES = [
  'queued',
  'building',
  'measuring',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export const JobState = z.enum(JOB_STATES);
export type JobState = z.infer<typeof JobState>;

export const ENDED_STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

/** An output of a job that was truncated at its size limit. */
export const Truncation = z.object({ what: z.string(), limitBytes: z.number().int() });
export type Truncation = z.infer<typeof Truncation>;

export const Job = z.object({
  id: z.uuid(),
  name: z.string(),
  state: JobState,
  request: JobRequest,
  plan: JobPlan,
  epoch: z.number().int().describe('number of claims of the job'),
  blocksDone: z.number().int().describe('finished blocks of all batches together'),
  cancelRequested: z.boolean(),
  error: ErrorBody.nullable(),
  truncations: z
    .array(Truncation)
    .describe("truncated outputs, where a limit was reached: the log, a run's output, a trace"),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;

export const JobListQuery = z.strictObject({
  name: z.string().max(200).optional().describe('part of the name, case-insensitive'),
  state: z
    .enum([...JOB_STATES, 'active'])
    .optional()
    .describe('"active": every state but the ended ones'),
  project: ProjectName.optional(),
  branch: BranchName.optional().describe('jobs of a project without a branch belong to "main"'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.uuid().optional().describe('`next` of the previous page'),
});
export type JobListQuery = z.infer<typeof JobListQuery>;
export const JobList = z.object({ jobs: z.array(Job), next: z.string().nullable() });
export type JobList = z.infer<typeof JobList>;
