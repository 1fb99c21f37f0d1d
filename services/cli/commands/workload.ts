// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { Context } from '../context.js';

/** Adds the command `workload list`. */
export function workloadCommands(program: Command, { client, print }: Context): void {
  program
    .command('workload')
    .description('guest workloads')
    .command('list')
    .description('list the workloads that jobs can name')
    .action(async () => {
      const { workloads } = await client().get<{ workloads: WorkloadDefinition[] }>(
        '/v1/workloads',
      );
      print(workloads, () =>
        workloads
          .map(
            ({ name, summary, targets, parameters }) =>
              `${name.padEnd(12)} ${summary} (${targets.join(', ')}) ${Object.keys(parameters).join(', ')}`,
          )
          .join('\n'),
      );
    });
}
