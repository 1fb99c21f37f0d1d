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

/** `series`, `history`, `alerts` and `mark`: what became of a number over the commits of a branch. */
export function historyCommands(
  program: Command,
  client: () => Client,
  print: (value: unknown, text: () => string) => void,
): void {
  program
    .command('series')
    .description('which series a project has: a metric of a variant with a workload on a branch')
    .requiredOption('--project <name>', 'whose history')
    .option('--branch <name>', 'only of this branch')
    .action(async (options: Record<string, string>) => {
      const list = await client().get<SeriesList>(
        `/v1/series?${new URLSearchParams(options).toString()}`,
      );
      print(list, () => list.series.map(seriesLine).join('\n'));
    });

  program
    .command('history')
    .description('one metric over the commits of a branch, with level shifts')
    .requiredOption('--project <name>', 'whose history')
    .requiredOption('--workload <label>', 'label of a workload, or name of an imported benchmark')
    .requiredOption('--variant <name>', 'which variant')
    .option('--branch <name>', 'of the project', DEFAULT_BRANCH)
    .option('--metric <name>', 'one that `series` lists', 'wallNs')
    .action(async (options: Record<string, string>) => {
      const history = await client().get<History>(
        `/v1/history?${new URLSearchParams(options).toString()}`,
      );
      print(history, () => historyLines(history).join('\n'));
    });

  program
    .command('alerts')
    .description('level shifts that somebody should look at')
    .requiredOption('--project <name>', 'whose history')
    .option('--branch <name>', 'only of this branch')
    .addOption(new Option('--state <state>', 'only those').choices(AlertState.options))
    .action(async (options: Record<string, string>) => {
      const list = await client().get<AlertList>(
        `/v1/alerts?${new URLSearchParams(options).toString()}`,
      );
      print(list, () => list.alerts.map(alertLine).join('\n'));
    });

  program
    .command('alert <id>')
    .description('say what an alert is')
    .addOption(
      new Option('--state <state>', 'what it is').choices(AlertState.options).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, options: { state: string; reason: string }) => {
      const alert = await client().patch<Alert>(`/v1/alerts/${encodeURIComponent(id)}`, options);
      print(alert, () => alertLine(alert));
    });

  program
    .command('mark')
    .description('say that a shift is known: change points there do not alert')
    .requiredOption('--project <name>', 'whose history')
    .requiredOption('--reason <text>', 'why')
    .option('--branch <name>', 'of the project', DEFAULT_BRANCH)
    .option('--commit <commit>', 'where: the first commit of the new level')
    .option('--at <time>', 'where: the time of it')
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
  `${printable(branch)}  ${printable(workload)} ${printable(variant)} ${printable(metric)}  ${unit === '' ? 'no unit' : printable(unit)}, ${direction}  ${points} ${points === 1 ? 'point' : 'points'}, last ${lastAt}`;

/** A line per point, oldest first; shifts stand before the first point of the new level. */
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

const pointLine = ({ at, commit, value, low, high, unit, hostFingerprint }: HistoryPoint): string =>
  `${at}  ${printable(commit ?? '—')}  ${value} ${printable(unit)}${low === null || high === null ? '' : ` [${low}, ${high}]`}  ${printable(hostFingerprint.slice(0, 19))}`;

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
  `alert ${id}  ${state}${present ? '' : ' (gone)'}  ${printable(workload)} ${printable(variant)} ${printable(metric)}: ${ratio.toFixed(3)} times, ${worse ? 'worse' : 'better'}, from ${printable(commit ?? 'an unnamed commit')}${reason === null ? '' : `: ${printable(reason)}`}`;
