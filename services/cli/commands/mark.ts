// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import type { Mark } from '#contract/history.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import type { Context } from '../context.js';

/** Adds the command `mark add`. */
export function markCommands(program: Command, { client, print }: Context): void {
  program
    .command('mark')
    .description('known shifts')
    .command('add')
    .description('mark a shift as known: change points there do not alert')
    .requiredOption('--project <name>', 'project')
    .requiredOption('--reason <text>', 'reason')
    .option('--branch <name>', 'branch of the project', DEFAULT_BRANCH)
    .option('--commit <commit>', 'first commit of the new level')
    .option('--at <time>', 'time of that commit')
    .action(async (options: Record<string, string>) => {
      const mark = await client().post<Mark>('/v1/marks', options);
      print(mark, () => `mark ${mark.id}`);
    });
}
