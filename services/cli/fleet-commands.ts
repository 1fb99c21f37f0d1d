import type { Command } from 'commander';
import type { Job, JobList } from '../contract/job.js';
import { blocksText } from '../contract/progress-words.js';
import type { Queue, QueueEntry } from '../contract/queue.js';
import type { Worker, WorkerList } from '../contract/worker.js';
import { printable } from '../client/printable.js';
import type { Client } from './client.js';

/** Adds the commands `queue` and `workers`, which list the active jobs and the workers. */
export function fleetCommands(
  program: Command,
  client: () => Client,
  print: (value: unknown, text: () => string) => void,
): void {
  program
    .command('queue')
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

  program
    .command('workers')
    .description('list the workers, with the properties and the current job of each')
    .action(async () => {
      const list = await client().get<WorkerList>('/v1/workers');
      print(list, () => list.workers.map(workerLine).join('\n'));
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

/** Formats a worker as a line. */
export function workerLine({
  id,
  role,
  labels,
  cores,
  targets,
  capabilities,
  notReady,
  job,
  lost,
}: Worker): string {
  const has = capabilities.filter(({ available }) => available).map(({ name }) => name);
  const does = lost
    ? 'lost'
    : job !== null
      ? `${job.state} ${job.id}`
      : notReady !== null
        ? `takes no job: ${notReady}`
        : 'waits for jobs';
  return [
    id,
    role === 'both' ? 'builds and measures' : `only ${role === 'build' ? 'builds' : 'measures'}`,
    `${cores} CPUs`,
    [...labels, ...has].join(' '),
    `${targets.length} targets`,
    does,
  ]
    .filter((part) => part !== '')
    .map(printable)
    .join('  ');
}
