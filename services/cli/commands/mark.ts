// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { Mark, StoredMark } from '#contract/history.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import type { Context } from '../context.js';

/** Adds the commands of `mark`. */
export function markCommands(program: Command, { client, print }: Context): void {
  const mark = program.command('mark').description('known shifts');
  mark
    .command('add')
    .description('mark a shift as known: change points there do not alert')
    .requiredOption('--project <name>', 'project')
    .requiredOption('--reason <text>', 'reason')
    .option('--branch <name>', 'branch of the project', DEFAULT_BRANCH)
    .option('--commit <commit>', 'first commit of the new level')
    .option('--at <time>', 'time of that commit')
    .action(async (options: Record<string, string>) => {
      const added = await client().post<StoredMark>('/v1/marks', options);
      print(added, () => `mark ${added.id}`);
      if (added.points === 0)
        process.stderr.write(
          `no point of branch ${printable(added.branch)} is at ` +
            `${printable(added.commit ?? added.at ?? '')} yet; ` +
            `to take the mark back: ./qibench mark remove ${added.id}\n`,
        );
    });

  mark
    .command('remove <id>')
    .description('remove a mark; alerts that it acknowledged keep their state')
    .action(async (id: string) => {
      const removed = await client().delete<Mark>(`/v1/marks/${encodeURIComponent(id)}`);
      print(removed, () => `mark ${removed.id} removed`);
    });
}
