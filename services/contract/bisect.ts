import { z } from 'zod';
import { RatioInterval } from './comparison.js';
import { JobFile } from './job.js';

/** One of the sources that a bisection searches: what it changes in the job. Folders are relative to the file. */
export const BisectCandidate = z
  .strictObject({
    name: z.string().min(1).max(200).describe('for people: a commit, a date'),
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
    'names nothing that it changes',
  );
export type BisectCandidate = z.infer<typeof BisectCandidate>;

/** What `qibench job bisect` reads. */
export const BisectFile = z.strictObject({
  job: JobFile.omit({ baseline: true }).describe('what is measured of every candidate'),
  variant: z.string().describe('name of the variant of the job that is looked at'),
  workload: z.string().describe('label of the workload of the job that is looked at'),
  metric: z.string().default('wallNs'),
  candidates: z.array(BisectCandidate).min(2).max(1000).describe('in order; the first is good'),
});
export type BisectFile = z.infer<typeof BisectFile>;

/** A candidate's metric over the first one's. */
const SeenRatio = z.object({
  ratio: RatioInterval,
  detectableRatio: z
    .number()
    .nullable()
    .describe('smallest ratio above 1 that the blocks find with 80 % power'),
});

/** What a bisection has found so far; kept beside the file, so that it goes on after a crash. */
export const BisectState = z.object({
  schema: z.literal('qibench.bisect/1'),
  inputs: z
    .string()
    .describe('digest of the file and of the folders it names: other inputs, another bisection'),
  trials: z.array(
    z.object({
      candidate: z.number().int(),
      attempt: z
        .number()
        .int()
        .describe('later attempts have more time, or more blocks where their number is fixed'),
      jobId: z.uuid(),
      answer: z.enum(['same', 'changed', 'unclear']).nullable().describe('null: not known yet'),
      seen: SeenRatio.nullable()
        .default(null)
        .describe('what the answer is from; null: not known yet, or kept by an earlier version'),
    }),
  ),
});
export type BisectState = z.infer<typeof BisectState>;
export type BisectTrial = BisectState['trials'][number];
export type BisectAnswer = 'same' | 'changed' | 'unclear';
