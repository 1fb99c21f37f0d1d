// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { EventList } from '#contract/qemu.js';
import type { Context } from '../context.js';

/** Adds the command `event list`. */
export function eventCommands(program: Command, { client, print }: Context): void {
  program
    .command('event')
    .description('trace events of QEMU')
    .command('list <version>')
    .description('list the trace events of a QEMU version')
    .option('--match <glob>', 'only names that match', '*')
    .action(async (version: string, options: { match: string }) => {
      const list = await client().get<EventList>(
        `/v1/qemu/${encodeURIComponent(version)}/events?limit=10000&match=${encodeURIComponent(options.match)}`,
      );
      print(list, () =>
        list.events.length === 0
          ? `no event of QEMU ${version} matches "${options.match}"`
          : list.events
              .map(
                (event) =>
                  `${event.name}(${event.arguments.map(({ type, name }) => `${type} ${name}`).join(', ')})  ` +
                  `${event.directory || '.'}`,
              )
              .join('\n'),
      );
    });
}
