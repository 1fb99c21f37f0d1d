import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { QibenchError } from '../contract/error.js';
import { EXPORT_FORMATS, IMPORT_FORMATS, type ImportFormat } from '../contract/format.js';
import type { Import } from '../contract/import.js';
import { DEFAULT_BRANCH } from '../contract/project.js';
import type { Client } from './client.js';
import { printable } from '../client/printable.js';

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

/** Adds the commands `export` and `import`, for the formats of other tools. */
export function formatCommands(
  program: Command,
  client: () => Client,
  print: (value: unknown, text: () => string) => void,
): void {
  program
    .command('export <job>')
    .description("export a job's results in the format of another tool")
    .addOption(
      new Option('--format <format>', 'format').choices(EXPORT_FORMATS).makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .action(async (id: string, { format, output }: { format: string; output?: string }) => {
      const { body } = await client().open(
        `/v1/jobs/${encodeURIComponent(id)}/export?format=${format}`,
      );
      if (output === undefined) await pipeline(body!, process.stdout, { end: false });
      else await pipeline(body!, createWriteStream(output));
    });

  program
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
              `${printable(benchmark)}  ${printable(metric)}  ${value} ${printable(unit)}`,
          )
          .join('\n'),
      );
    });
}

async function readJson(file: string, format: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new QibenchError(
      'BAD_IMPORT',
      { format, path: file, rule: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
}
