// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { AuditList } from '#contract/audit.js';
import type { Context } from '../context.js';

/** Adds the command `audit list`, for administrators. */
export function auditCommands(program: Command, { client, print }: Context): void {
  program
    .command('audit')
    .description('log of changes')
    .command('list')
    .description('list changes and refused requests, newest first')
    .option('--limit <count>', 'number of entries', '100')
    .option('--before <id>', 'only entries older than this one')
    .action(async (options: Record<string, string>) => {
      const { entries } = await client().get<AuditList>(
        `/v1/audit?${new URLSearchParams(options).toString()}`,
      );
      print(entries, () =>
        entries
          .map(({ id, at, subject, action, object, outcome, ip }) =>
            printable(`${id}  ${at}  ${outcome}  ${subject}  ${action}  ${object}  ${ip}`),
          )
          .join('\n'),
      );
    });
}
