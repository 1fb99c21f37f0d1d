// SPDX-License-Identifier: GPL-2.0-or-later
import { Option, type Command } from 'commander';
import { printable } from '#client/printable.js';
import { AlertState, type Alert, type AlertList } from '#contract/history.js';
import type { Context } from '../context.js';
import { checkProject } from '../known-series.js';

/** Adds the commands of `alert`. */
export function alertCommands(program: Command, { client, print }: Context): void {
  const alert = program.command('alert').description('level shifts to review');
  alert
    .command('list')
    .description('list the alerts: level shifts to review')
    .requiredOption('--project <name>', 'project')
    .option('--branch <name>', 'only of this branch')
    .addOption(new Option('--state <state>', 'only in this state').choices(AlertState.options))
    .action(async (options: Record<string, string>) => {
      const list = await client().get<AlertList>(
        `/v1/alerts?${new URLSearchParams(options).toString()}`,
      );
      if (list.alerts.length === 0)
        await checkProject(client(), options as { project: string; branch?: string });
      print(list, () => [...list.alerts.map(alertLine), ...waitingLines(list)].join('\n'));
    });

  alert
    .command('set <id>')
    .description('set the state of an alert')
    .addOption(
      new Option('--state <state>', 'new state').choices(AlertState.options).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'reason')
    .action(async (id: string, options: { state: string; reason: string }) => {
      const changed = await client().patch<Alert>(`/v1/alerts/${encodeURIComponent(id)}`, options);
      print(changed, () => alertLine(changed));
    });
}

/** Says what is missing in a list of alerts; empty if it is up to date. */
function waitingLines({ waiting: { jobs, series } }: AlertList): string[] {
  const parts = [
    ...(jobs === 0 ? [] : [`${jobs} ${jobs === 1 ? 'job' : 'jobs'}`]),
    ...(series === 0 ? [] : [`the newest points or marks of ${series} series`]),
  ];
  return parts.length === 0 ? [] : [`not searched for shifts yet: ${parts.join(' and ')}`];
}

/** Formats an alert as a line. */
export const alertLine = ({
  id,
  state,
  present,
  workload,
  variant,
  metric,
  ratio,
  worse,
  commit,
  reason,
}: Alert): string =>
  `alert ${id}  ${state}${present ? '' : ' (gone)'}  ` +
  `${[workload, variant, metric].map(printable).join(' ')}: ` +
  `${ratio.toFixed(3)} times, ${worse ? 'worse' : 'better'}, ` +
  `from ${printable(commit ?? 'an unnamed commit')}` +
  (reason === null ? '' : `: ${printable(reason)}`);
