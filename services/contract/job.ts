import { z } from 'zod';
import { BranchName, CommitName, ProjectName, storable } from './project.js';
import { EventName, EventPatterns, Target } from './qemu.js';
import { Priority, Requires } from './requires.js';
import { Baseline, BaselineInFile, PlannedSide } from './side.js';
import { MeasureRequest } from './stopping.js';
import { THRESHOLD_DEFAULT, Threshold, ThresholdOverride } from './threshold.js';
import { Digest } from './upload.js';
import { Variant, VariantInFile, VariantRequest } from './variant.js';
import { WorkloadRequest } from './workload.js';
import { ErrorBody } from './error.js';

export const JOB_LIMITS = {
  variants: 12,
  workloads: 16,
  blocksMinimum: 6,
  blocksMaximum: 200,
} as const;

const qemu = <F extends z.ZodType<string>>(folder: F) =>
  z.strictObject({
    version: storable(z.string().max(32)),
    target: Target,
    patches: folder
      .optional()
      .describe(
        'upload of *.patch and *.diff files, applied to the source in the order of their names',
      ),
  });

/** The job file, and the body of `POST /v1/jobs`. In a file, `instrumentation`, `patches` and a variant's `plugin` may name a folder, which the client uploads. */
export const JobRequest = z.strictObject({
  name: storable(z.string().trim().min(1).max(200)),
  qemu: qemu(Digest),
  events: EventPatterns.default([]).describe('needed by every mode but "none" and "plugin"'),
  instrumentation: Digest.optional(),
  variants: z.array(VariantRequest).min(1).max(JOB_LIMITS.variants),
  workloads: z.array(WorkloadRequest).min(1).max(JOB_LIMITS.workloads),
  measure: MeasureRequest.default({ threshold: THRESHOLD_DEFAULT }).describe(
    'measure until every comparison is decided, or the time is spent',
  ),
  blocks: z
    .number()
    .int()
    .min(JOB_LIMITS.blocksMinimum)
    .max(JOB_LIMITS.blocksMaximum)
    .optional()
    .describe('a fixed number of measured blocks instead; one more is run first and discarded'),
  baseline: Baseline.optional().describe(
    'what the job is compared with, built and run in the same blocks',
  ),
  thresholds: z.array(ThresholdOverride).max(64).default([]),
  confirm: z
    .boolean()
    .optional()
    .describe(
      'measure a second batch where the first suspects a regression; default: true for a job with a baseline, which alone can have it',
    ),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe('of the order within blocks; default: random'),
  instructions: z
    .boolean()
    .optional()
    .describe(
      'count instructions of host and guest too, in runs of their own after the measured blocks; default false',
    ),
  traceDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe(
      'the records of its traces are removed after so many days, or earlier where the service keeps none so long; without it, as the service says',
    ),
  requires: Requires.optional().describe('of the worker that measures; without it, any'),
  priority: Priority.optional().describe('among the jobs of its project; default "normal"'),
  project: ProjectName.optional().describe(
    'whose history the results of the head side join once the job has succeeded; without it, none',
  ),
  branch: BranchName.optional().describe('of the project; "main" where none is named'),
  commit: CommitName.optional().describe('what was measured, on the head side'),
  committedAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      "the commit's place in the history; without it, the time at which the job was accepted",
    ),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** The job file before its folders are uploaded. */
export const JobFile = JobRequest.extend({
  qemu: qemu(z.string().min(1)),
  baseline: BaselineInFile.optional(),
  instrumentation: z.string().min(1).optional(),
  variants: z.array(VariantInFile).min(1).max(JOB_LIMITS.variants),
});
export type JobFile = z.infer<typeof JobFile>;

/** How the work of a workload scales. */
export const PlannedSize = z.object({
  parameter: z.string(),
  empty: z.number().int().describe('hardly any work: such a run measures the start'),
  full: z
    .number()
    .int()
    .nullable()
    .describe('as the request says; null: chosen on the host, for runs of 50 to 100 ms'),
  minimum: z.number().int(),
  maximum: z.number().int(),
});
export type PlannedSize = z.infer<typeof PlannedSize>;

/** A workload of a plan: parameters complete, the label unique within the job. */
export const PlannedWorkload = z.object({
  label: z.string(),
  name: z.string(),
  parameters: z.record(z.string(), z.number().int()),
  timeoutSeconds: z.number().int(),
  vcpus: z.number().int().default(1).describe('virtual CPUs; with one, a block runs on one CPU'),
  size: PlannedSize.nullable().default(null).describe('null: its work cannot be scaled'),
});
export type PlannedWorkload = z.infer<typeof PlannedWorkload>;

/** An estimate made before anything is measured. */
export const Expected = z.object({
  blocks: z.number().int().describe('that show with 95 % confidence that nothing changed'),
  seconds: z.number().describe('of measuring; builds are not in it'),
  noiseSd: z.number().describe("robust standard deviation of a block's log ratio that it assumes"),
  hostFingerprint: z.string().describe('of the host that was last seen to measure such a guest'),
});
export type Expected = z.infer<typeof Expected>;

/** What a job will do, fixed when it is accepted. The defaults are what plans of earlier versions meant. */
export const JobPlan = z.object({
  events: z.array(EventName).describe('of the head side: the patterns expanded, sorted'),
  sides: z
    .object({
      head: PlannedSide,
      base: PlannedSide.nullable(),
      same: z.boolean().describe('base is head: an A/A job'),
    })
    .nullable()
    .default(null)
    .describe('null in plans from before there were sides: what the request says, and no base'),
  variants: z.array(Variant).describe('of both sides, head first'),
  workloads: z.array(PlannedWorkload),
  blocks: z
    .number()
    .int()
    .describe('measured blocks of one batch; at most, where withinSeconds is not null'),
  withinSeconds: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe(
      'time for all measured blocks of a job that measures until its comparisons are decided; null: it measures a fixed number of blocks',
    ),
  links: z
    .number()
    .int()
    .default(1)
    .describe('how often each build of a side is linked, in another order; blocks take turns'),
  expected: Expected.nullable()
    .default(null)
    .describe('how long measuring takes, by what is known of the hosts; null: nothing is yet'),
  batches: z
    .number()
    .int()
    .default(1)
    .describe(
      'at most so many batches; the second is measured only if the first suspects a regression',
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

/** Something of a job that is not whole: a limit was reached. */
export const Cut = z.object({ what: z.string(), limitBytes: z.number().int() });
export type Cut = z.infer<typeof Cut>;

export const Job = z.object({
  id: z.uuid(),
  name: z.string(),
  state: JobState,
  request: JobRequest,
  plan: JobPlan,
  epoch: z.number().int().describe('how often a worker has claimed it'),
  blocksDone: z.number().int().describe('of all batches together'),
  cancelRequested: z.boolean(),
  error: ErrorBody.nullable(),
  cuts: z
    .array(Cut)
    .describe("what is not whole, as a limit was reached: the log, a run's output, a trace"),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;

export const JobListQuery = z.strictObject({
  name: z
    .string()
    .max(200)
    .optional()
    .describe('what the name contains; capitals count like small letters'),
  state: z
    .enum([...JOB_STATES, 'active'])
    .optional()
    .describe('"active": every state but the ended ones'),
  project: ProjectName.optional(),
  branch: BranchName.optional().describe('jobs of a project that name no branch are of "main"'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.uuid().optional().describe('`next` of the previous page'),
});
export type JobListQuery = z.infer<typeof JobListQuery>;
export const JobList = z.object({ jobs: z.array(Job), next: z.string().nullable() });
export type JobList = z.infer<typeof JobList>;
