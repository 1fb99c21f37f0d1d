// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { HostList, VoidedEvidence } from '#contract/host.js';
import type { Context } from '../context.js';
import { hostTable } from '../table.js';

/** Adds the commands of `host`. */
export function hostCommands(program: Command, { client, print }: Context): void {
  const host = program.command('host').description('hosts that measured');
  host
    .command('list')
    .description('list the hosts that measured, with the rate of false alarms of each in A/A jobs')
    .action(async () => {
      const list = await client().get<HostList>('/v1/hosts');
      print(list, () => hostTable(list.hosts));
    });

  host
    .command('void <digest>')
    .description("remove a host's A/A comparisons, for administrators: they no longer count")
    .action(async (digest: string) => {
      const voided = await client().delete<VoidedEvidence>(
        `/v1/hosts/${encodeURIComponent(digest)}/evidence`,
      );
      print(voided, () => `${voided.comparisons} A/A comparisons removed`);
    });
}
