// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Build } from './build.js';
import { JobComparison } from './comparison.js';
import { JobRequest, PlannedWorkload } from './job.js';

/**
 * Files of a bundle, a tar from which a job can be rebuilt and rerun: the fully resolved job, its
 * original result, and every upload as `uploads/<64 hexadecimal digits>.tar`.
 */
export const BUNDLE_FILES = {
  job: 'job.yaml',
  expected: 'expected.json',
  uploads: 'uploads/',
} as const;

/**
 * job.yaml: the resolved job. It names no place: a rerun must not enter the history of a project of
 * the service that runs it, or choose its turn or its worker there.
 */
export const BundleJob = JobRequest.omit({
  project: true,
  branch: true,
  commit: true,
  committedAt: true,
  priority: true,
  requires: true,
});
export type BundleJob = z.infer<typeof BundleJob>;

/** expected.json: the original result of the job, to compare a rerun with. */
export const BundleExpected = z.object({
  schema: z.literal('qibench.bundle/1'),
  jobId: z.string(),
  qibench: z.string().describe('version of the service'),
  workloads: z
    .array(PlannedWorkload)
    .describe("in the job's order, with the labels of the comparison"),
  builds: z.array(Build),
  comparison: JobComparison,
  hosts: z.array(z.object({ digest: z.string(), fingerprint: z.record(z.string(), z.unknown()) })),
});
export type BundleExpected = z.infer<typeof BundleExpected>;
