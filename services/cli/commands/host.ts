// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { HostList } from '#contract/host.js';
import type { Context } from '../context.js';
import { hostTable } from '../table.js';

/** Adds the command `host list`. */
export function hostCommands(program: Command, { client, print }: Context): void {
  program
    .command('host')
    .description('hosts that measured')
    .command('list')
    .description('list the hosts that measured, with the rate of false alarms of each in A/A jobs')
    .action(async () => {
      const list = await client().get<HostList>('/v1/hosts');
      print(list, () => hostTable(list.hosts));
    });
}
