// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { Job, JobList } from '#contract/job.js';
import { blocksText } from '#contract/progress-words.js';
import type { Queue, QueueEntry } from '#contract/queue.js';
import type { Context } from '../context.js';

/** Adds the command `queue list`. */
export function queueCommands(program: Command, { client, print }: Context): void {
  program
    .command('queue')
    .description('jobs that run or wait')
    .command('list')
    .description(
      'list the active jobs: running ones, then queued ones in order, ' +
        'with the reason if no worker can take one',
    )
    .action(async () => {
      const queue = await client().get<Queue>('/v1/queue');
      const { jobs } = await client().get<JobList>('/v1/jobs?state=active&limit=200');
      const known = new Map(jobs.map((job) => [job.id, job]));
      print(queue, () =>
        queue.jobs.map((entry) => queueLine(entry, known.get(entry.jobId) ?? null)).join('\n'),
      );
    });
}

/** Formats an entry of the queue as a line. */
export function queueLine(
  { jobId, state, position, blocksDone, lacking, estimatedStartAt, estimatedEndAt }: QueueEntry,
  job: Pick<Job, 'name' | 'plan'> | null,
): string {
  const where =
    state === 'queued'
      ? `number ${position}`
      : job === null
        ? ''
        : blocksText(blocksDone, job.plan);
  const when =
    lacking !== null
      ? `waits: ${lacking}`
      : estimatedStartAt !== null
        ? `starts at ${estimatedStartAt}`
        : estimatedEndAt !== null
          ? `ends at ${estimatedEndAt}`
          : '';
  return [jobId, state.padEnd(9), where.padEnd(12), printable(job?.name ?? ''), printable(when)]
    .filter((part) => part !== '')
    .join('  ');
}
