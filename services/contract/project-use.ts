// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';

const count = z.number().int();

/** Limits of a project. A request beyond one of them is refused; nothing is removed for it. */
export const ProjectQuota = z.object({
  queuedJobs: count,
  jobsPerDay: count.describe('jobs submitted within 24 hours, in any state'),
  variantsPerJob: count.describe("variants of a job on both sides, a sweep's included"),
  workloadsPerJob: count.describe("workloads of a job, a sweep's included"),
  blocksPerJob: count.describe('blocks of a job that fixes their number'),
  runsPerJob: count.describe(
    'measured runs of a job: blocks × variants × workloads, over all batches, or the number that ' +
      'fits in its time; doubled if instruction counts are judged',
  ),
  resultBytes: count.describe('jobs with their samples, logs and events'),
  importsPerDay: count.describe('imports within 24 hours'),
  importBytes: count,
  uploadBytes: count,
  workloadBytes: count.describe('chunks of uploaded workloads, each once and compressed'),
  points: count.describe('points of histories; at the quota, jobs and imports are refused'),
  marks: count,
});
export type ProjectQuota = z.infer<typeof ProjectQuota>;

/** Defaults of the quotas on the size of a job. */
export const JOB_QUOTA = {
  variantsPerJob: 12,
  workloadsPerJob: 16,
  blocksPerJob: 200,
  runsPerJob: 10_000,
} as const;

/** What a project stores, as counted at most some minutes ago. */
export const ProjectUse = z.object({
  jobs: count,
  resultBytes: count.describe('jobs with their samples, logs and events'),
  imports: count,
  importBytes: count,
  uploadBytes: count,
  workloadBytes: count.describe('chunks of uploaded workloads, each once and compressed'),
  traceBytes: count,
  points: count.describe('points of its histories'),
  countedAt: z.iso.datetime(),
});
export type ProjectUse = z.infer<typeof ProjectUse>;
