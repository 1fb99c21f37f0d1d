// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { RatioInterval } from './comparison.js';
import { JobFile } from './job.js';

/**
 * A candidate of a bisection: the changes that it makes to the job. Folders are relative to the
 * file.
 */
export const BisectCandidate = z
  .strictObject({
    name: z.string().min(1).max(200).describe('for display: a commit or a date'),
    version: z.string().max(32).optional().describe('QEMU version'),
    patches: z
      .string()
      .min(1)
      .optional()
      .describe('folder of a patch series on the source of QEMU'),
    instrumentation: z.string().min(1).optional().describe('folder of an instrumentation'),
  })
  .refine(
    ({ version, patches, instrumentation }) =>
      [version, patches, instrumentation].some((field) => field !== undefined),
    'must change the version, the patches or the instrumentation',
  );
export type BisectCandidate = z.infer<typeof BisectCandidate>;

/** Input file of `qibench job bisect`. */
export const BisectFile = z.strictObject({
  job: JobFile.omit({ baseline: true, sweep: true }).describe(
    'job that is measured for every candidate',
  ),
  variant: z.string().describe("name of the job's variant to bisect"),
  workload: z.string().describe("label of the job's workload to bisect"),
  metric: z.string().default('wallNs'),
  candidates: z.array(BisectCandidate).min(2).max(1000).describe('in order; the first is good'),
});
export type BisectFile = z.infer<typeof BisectFile>;

/** A candidate's metric relative to the first candidate's. */
const SeenRatio = z.object({
  ratio: RatioInterval,
  minimumDetectableRatio: z
    .number()
    .nullable()
    .describe('minimum detectable ratio above 1, with 80 % power'),
});

/** Progress of a bisection, stored beside its file so that it resumes after a crash. */
export const BisectState = z.object({
  schema: z.literal('qibench.bisect/1'),
  inputs: z
    .string()
    .describe('digest of the file and of the folders it names; other inputs start a new bisection'),
  trials: z.array(
    z.object({
      candidate: z.number().int(),
      attempt: z
        .number()
        .int()
        .describe('later attempts get more time, or more blocks if their number is fixed'),
      jobId: z.uuid(),
      answer: z.enum(['same', 'changed', 'unclear']).nullable().describe('null: not known yet'),
      seen: SeenRatio.nullable()
        .default(null)
        .describe(
          'figures behind the answer; null: not known yet, or stored by an earlier version',
        ),
    }),
  ),
});
export type BisectState = z.infer<typeof BisectState>;
export type BisectTrial = BisectState['trials'][number];
export type BisectAnswer = 'same' | 'changed' | 'unclear';
