import { z } from 'zod';
import { BranchName, CommitName, ProjectName } from './project.js';
import { EventName, EventPattern, Target } from './qemu.js';
import { Digest } from './upload.js';
import { Variant, VariantInFile, VariantRequest } from './variant.js';
import { WorkloadRequest } from './workload.js';
import { ErrorBody } from './error.js';

export const JOB_LIMITS = { eventPatterns: 256, variants: 12, workloads: 16, blocksMinimum: 6, blocksMaximum: 200, blocksDefault: 12 } as const;

/** The job file, and the body of `POST /v1/jobs`. In a file, `instrumentation` and a variant's `plugin` may name a folder, which the client uploads. */
export const JobRequest = z.strictObject({
  name: z.string().trim().min(1).max(200),
  qemu: z.strictObject({ version: z.string().max(32), target: Target }),
  events: z.array(EventPattern).max(JOB_LIMITS.eventPatterns).default([]).describe('needed by every mode but "none" and "plugin"'),
  instrumentation: Digest.optional(),
  variants: z.array(VariantRequest).min(1).max(JOB_LIMITS.variants),
  workloads: z.array(WorkloadRequest).min(1).max(JOB_LIMITS.workloads),
  blocks: z
    .number()
    .int()
    .min(JOB_LIMITS.blocksMinimum)
    .max(JOB_LIMITS.blocksMaximum)
    .default(JOB_LIMITS.blocksDefault)
    .describe('measured blocks; one more is run first and discarded'),
  instructions: z.boolean().optional().describe('count instructions of host and guest too, in runs of their own after the measured blocks; default false'),
  project: ProjectName.optional().describe('whose history the results join once the job has succeeded; without it, none'),
  branch: BranchName.optional().describe('of the project; "main" where none is named'),
  commit: CommitName.optional().describe('what was measured'),
  committedAt: z.iso.datetime({ offset: true }).optional().describe('the commit\'s place in the history; without it, the time at which the job was accepted'),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** The job file before its folders are uploaded. */
export const JobFile = JobRequest.extend({
  instrumentation: z.string().min(1).optional(),
  variants: z.array(VariantInFile).min(1).max(JOB_LIMITS.variants),
});
export type JobFile = z.infer<typeof JobFile>;

/** A workload of a plan: parameters complete, the label unique within the job. */
export const PlannedWorkload = z.object({
  label: z.string(),
  name: z.string(),
  parameters: z.record(z.string(), z.number().int()),
  timeoutSeconds: z.number().int(),
});
export type PlannedWorkload = z.infer<typeof PlannedWorkload>;

/** What a job will do, fixed when it is accepted. */
export const JobPlan = z.object({
  events: z.array(EventName).describe('the patterns expanded, sorted'),
  variants: z.array(Variant),
  workloads: z.array(PlannedWorkload),
  blocks: z.number().int(),
  seed: z.number().int().describe('seed of the random order of variants within blocks'),
});
export type JobPlan = z.infer<typeof JobPlan>;

export const JOB_STATES = ['queued', 'building', 'measuring', 'succeeded', 'failed', 'cancelled'] as const;
export const JobState = z.enum(JOB_STATES);
export type JobState = z.infer<typeof JobState>;

export const ENDED_STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

export const Job = z.object({
  id: z.uuid(),
  name: z.string(),
  state: JobState,
  request: JobRequest,
  plan: JobPlan,
  epoch: z.number().int().describe('how often a worker has claimed it'),
  blocksDone: z.number().int(),
  cancelRequested: z.boolean(),
  error: ErrorBody.nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;

export const JobListQuery = z.strictObject({
  state: JobState.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(64).optional().describe('`next` of the previous page'),
});
export const JobList = z.object({ jobs: z.array(Job), next: z.string().nullable() });
export type JobList = z.infer<typeof JobList>;
