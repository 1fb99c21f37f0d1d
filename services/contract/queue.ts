import { z } from 'zod';
import { JobState } from './job.js';

/** Where a job that has not ended stands. Times are estimates from recent jobs, null where there is nothing to estimate from. */
export const QueueEntry = z.object({
  jobId: z.uuid(),
  state: JobState,
  blocksDone: z.number().int(),
  blocks: z
    .number()
    .int()
    .describe(
      'of the batches that are known to be measured; at most, where a job measures until its comparisons are decided',
    ),
  position: z.number().int().nullable().describe('1 is next; null once it runs'),
  lacking: z
    .string()
    .nullable()
    .describe('of a job that waits, why none of the workers that run can do it; null: one can'),
  estimatedStartAt: z.iso.datetime().nullable().describe('of a job that waits'),
  estimatedEndAt: z.iso.datetime().nullable(),
});
export type QueueEntry = z.infer<typeof QueueEntry>;

/** Jobs that have not ended: those that run, then those that wait, next first. */
export const Queue = z.object({ jobs: z.array(QueueEntry) });
export type Queue = z.infer<typeof Queue>;
