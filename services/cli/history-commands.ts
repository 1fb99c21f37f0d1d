import { Option, type Command } from 'commander';
import {
  AlertState,
  type Alert,
  type AlertList,
  type History,
  type HistoryPoint,
  type Mark,
  type Series,
  type SeriesList,
} from '../contract/history.js';
import { DEFAULT_BRANCH } from '../contract/project.js';
import type { Client } from './client.js';
import { printable } from '../client/printable.js';

/** Adds the commands `series`, `history`, `alerts`, `alert` and `mark`. */
export function historyCommands(
  program: Command,
  client: () => Client,
  print: (value: unknown, text: () => string) => void,
): void {
  program
    .command('series')
    .description('list the series of a project: a metric of a variant with a workload on a branch')
    .requiredOption('--project <name>', 'project')
    .option('--branch <name>', 'only of this branch')
    .action(async (options: Record<string, string>) => {
      const list = await client().get<SeriesList>(
        `/v1/series?${new URLSearchParams(options).toString()}`,
      );
      print(list, () => list.series.map(seriesLine).join('\n'));
    });

  program
    .command('history')
    .description('show one metric over the commits of a branch, with level shifts')
    .requiredOption('--project <name>', 'project')
    .requiredOption('--workload <label>', 'label of a workload, or name of an imported benchmark')
    .requiredOption('--variant <name>', 'variant')
    .option('--branch <name>', 'branch of the project', DEFAULT_BRANCH)
    .option('--metric <name>', 'metric, as listed by `series`', 'wallNs')
    .action(async (options: Record<string, string>) => {
      const history = await client().get<History>(
        `/v1/history?${new URLSearchParams(options).toString()}`,
      );
      print(history, () => historyLines(history).join('\n'));
    });

  program
    .command('alerts')
    .description('list the alerts: level shifts to review')
    .requiredOption('--project <name>', 'project')
    .option('--branch <name>', 'only of this branch')
    .addOption(new Option('--state <state>', 'only in this state').choices(AlertState.options))
    .action(async (options: Record<string, string>) => {
      const list = await client().get<AlertList>(
        `/v1/alerts?${new URLSearchParams(options).toString()}`,
      );
      print(list, () => list.alerts.map(alertLine).join('\n'));
    });

  program
    .command('alert <id>')
    .description('set the state of an alert')
    .addOption(
      new Option('--state <state>', 'new state').choices(AlertState.options).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'reason')
    .action(async (id: string, options: { state: string; reason: string }) => {
      const alert = await client().patch<Alert>(`/v1/alerts/${encodeURIComponent(id)}`, options);
      print(alert, () => alertLine(alert));
    });

  program
    .command('mark')
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

/** Formats a line per point, oldest first. Shifts precede the first point of the new level. */
function historyLines({ points, changePoints, alerts, marks }: History): string[] {
  const lines = points.flatMap((point) => {
    const change = changePoints.find(({ pointId }) => pointId === point.id);
    const shift =
      change === undefined
        ? []
        : [
            `  ── ${change.worse ? 'worse' : 'better'} from here: ${change.ratio.toFixed(3)} times, p ${change.pValue}`,
          ];
    return [...shift, pointLine(point)];
  });
  return [
    ...lines,
    ...alerts.map(alertLine),
    ...marks.map(
      ({ id, commit, at, reason }) => `mark ${id} at ${commit ?? at}: ${printable(reason)}`,
    ),
  ];
}

function pointLine({
  at,
  commit,
  value,
  low,
  high,
  unit,
  hostFingerprint,
}: HistoryPoint): string {
  const interval = low === null || high === null ? '' : ` [${low}, ${high}]`;
  return [
    at,
    printable(commit ?? '—'),
    `${value} ${printable(unit)}${interval}`,
    printable(hostFingerprint.slice(0, 19)),
  ].join('  ');
}

const alertLine = ({
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
