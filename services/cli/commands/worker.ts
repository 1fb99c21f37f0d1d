// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { Worker, WorkerList } from '#contract/worker.js';
import type { Context } from '../context.js';

/** Adds the command `worker list`. */
export function workerCommands(program: Command, { client, print }: Context): void {
  program
    .command('worker')
    .description('workers of the service')
    .command('list')
    .description('list the workers, with the properties and the current job of each')
    .action(async () => {
      const list = await client().get<WorkerList>('/v1/workers');
      print(list, () => list.workers.map(workerLine).join('\n'));
    });
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
