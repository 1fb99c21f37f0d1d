// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { JobState } from './job.js';

/**
 * Queue position of a job that has not ended. Times are estimates from recent jobs, null without a
 * basis for an estimate.
 */
export const QueueEntry = z.object({
  jobId: z.uuid(),
  state: JobState,
  blocksDone: z.number().int(),
  blocks: z
    .number()
    .int()
    .describe(
      'blocks of the batches that will certainly be measured; ' +
        'the maximum in a job that measures until its comparisons are decided',
    ),
  position: z.number().int().nullable().describe('1 is next; null once it runs'),
  lacking: z
    .string()
    .nullable()
    .describe('for a queued job: why no running worker can take it; null if one can'),
  estimatedStartAt: z.iso.datetime().nullable().describe('for a queued job'),
  estimatedEndAt: z.iso.datetime().nullable(),
});
export type QueueEntry = z.infer<typeof QueueEntry>;

/** Jobs that have not ended: running jobs, then queued ones, next first. */
export const Queue = z.object({ jobs: z.array(QueueEntry) });
export type Queue = z.infer<typeof Queue>;
