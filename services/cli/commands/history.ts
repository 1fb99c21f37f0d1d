// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { parseJson } from '#client/json.js';
import { printable } from '#client/printable.js';
import { QibenchError } from '#contract/error.js';
import { IMPORT_FORMATS, type ImportFormat } from '#contract/format.js';
import type { History, HistoryPoint } from '#contract/history.js';
import type { Import } from '#contract/import.js';
import { DEFAULT_BRANCH } from '#contract/project.js';
import { measuredText } from '../amount.js';
import type { Context } from '../context.js';
import { checkSeries } from '../known-series.js';
import { alertLine } from './alert.js';

interface ImportOptions {
  readonly format: ImportFormat;
  readonly project: string;
  readonly branch: string;
  readonly host: string;
  readonly commit?: string;
  readonly committedAt?: string;
  readonly variant?: string;
  readonly direction?: string;
}

/** Adds the commands of `history`. */
export function historyCommands(program: Command, { client, print }: Context): void {
  const history = program.command('history').description('results over the commits of a branch');
  history
    .command('show')
    .description('show one metric over the commits of a branch, with level shifts')
    .requiredOption('--project <name>', 'project')
    .requiredOption('--workload <label>', 'label of a workload, or name of an imported benchmark')
    .requiredOption('--variant <name>', 'variant')
    .option('--branch <name>', 'branch of the project', DEFAULT_BRANCH)
    .option('--metric <name>', 'metric, as listed by `series list`', 'wallNs')
    .action(async (options: Record<string, string>) => {
      const found = await client().get<History>(
        `/v1/history?${new URLSearchParams(options).toString()}`,
      );
      if (found.points.length === 0) await checkSeries(client(), found);
      print(found, () => historyLines(found).join('\n'));
    });

  history
    .command('import <file>')
    .description('import results of another tool into a history')
    .addOption(
      new Option('--format <format>', 'format of the file')
        .choices(IMPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .requiredOption('--project <name>', 'project of the history')
    .requiredOption('--host <name>', 'host that measured; hosts are never mixed')
    .option('--branch <name>', 'branch of the project', DEFAULT_BRANCH)
    .option('--commit <commit>', 'commit that was measured')
    .option('--committed-at <time>', 'time of the commit, which orders the history')
    .option('--variant <name>', 'name of the variant in the history')
    .addOption(
      new Option('--direction <direction>', 'needed if the format does not define it').choices([
        'smaller-is-better',
        'larger-is-better',
      ]),
    )
    .action(async (file: string, options: ImportOptions) => {
      const imported = await client().post<Import>('/v1/imports', {
        ...options,
        document: await readJson(file, options.format),
      });
      print(imported, () =>
        imported.results
          .map(
            ({ benchmark, metric, value, unit }) =>
              `${printable(benchmark)}  ${printable(metric)}  ${measuredText(value, printable(unit))}`,
          )
          .join('\n'),
      );
    });
}

async function readJson(file: string, format: string): Promise<unknown> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw Object.assign(error as Error, { path: file }); // a folder's error has no path
  });
  try {
    return parseJson(bytes);
  } catch (error) {
    throw new QibenchError(
      'BAD_IMPORT',
      { format, path: file, rule: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}

/** Formats a line per point, oldest first. Shifts precede the first point of the new level. */
function historyLines({ points, changePoints, alerts, alertsDue, marks }: History): string[] {
  const lines = points.flatMap((point) => {
    const change = changePoints.find(({ pointId }) => pointId === point.id);
    const shift =
      change === undefined
        ? []
        : [
            `  ── ${change.worse ? 'worse' : 'better'} from here: ${change.ratio.toFixed(3)} ` +
              `times, p ${change.pValue}`,
          ];
    return [...shift, pointLine(point)];
  });
  return [
    ...lines,
    ...alerts.map(alertLine),
    ...(alertsDue ? ['alerts for the newest points or marks are still being computed'] : []),
    ...marks.map(
      ({ id, commit, at, reason }) => `mark ${id} at ${commit ?? at}: ${printable(reason)}`,
    ),
  ];
}

function pointLine({ at, commit, value, low, high, unit, hostFingerprint }: HistoryPoint): string {
  const text = (number: number) => measuredText(number, printable(unit));
  const interval = low === null || high === null ? '' : ` [${text(low)}, ${text(high)}]`;
  return [
    at,
    printable(commit ?? '—'),
    `${text(value)}${interval}`,
    printable(hostFingerprint.slice(0, 19)),
  ].join('  ');
}
