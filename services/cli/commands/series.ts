// SPDX-License-Identifier: GPL-2.0-or-later
import type { Command } from 'commander';
import { printable } from '#client/printable.js';
import type { Series, SeriesList } from '#contract/history.js';
import type { Context } from '../context.js';
import { checkProject } from '../known-series.js';

/** Adds the command `series list`. */
export function seriesCommands(program: Command, { client, print }: Context): void {
  program
    .command('series')
    .description('metrics that have a history')
    .command('list')
    .description('list the series of a project: a metric of a variant with a workload on a branch')
    .requiredOption('--project <name>', 'project')
    .option('--branch <name>', 'only of this branch')
    .action(async (options: Record<string, string>) => {
      const list = await client().get<SeriesList>(
        `/v1/series?${new URLSearchParams(options).toString()}`,
      );
      if (list.series.length === 0)
        await checkProject(client(), options as { project: string; branch?: string });
      print(list, () => list.series.map(seriesLine).join('\n'));
    });
}

const seriesLine = ({
  branch,
  workload,
  variant,
  metric,
  unit,
  direction,
  points,
  lastAt,
}: Series): string =>
  [
    printable(branch),
    [workload, variant, metric].map(printable).join(' '),
    `${unit === '' ? 'no unit' : printable(unit)}, ${direction}`,
    `${points} ${points === 1 ? 'point' : 'points'}, last ${lastAt}`,
  ].join('  ');
