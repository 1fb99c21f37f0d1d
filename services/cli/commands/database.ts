// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { QibenchError } from '#contract/error.js';
import { backup } from '#store/backup.js';
import type { BackupSummary } from '#store/backup-format.js';
import { restore } from '#store/restore.js';
import type { Context } from '../context.js';
import { dataFolder, type CommandSettings } from '../settings.js';

/** Adds the commands of `database`, for DATABASE_URL or the service on this machine. */
export function databaseCommands(program: Command, context: Context): void {
  const { rootDir, print, settings, local } = context;
  const database = program
    .command('database')
    .description(
      'migrate, back up, restore or query the database of this machine or of DATABASE_URL',
    );
  local(
    database
      .command('migrate')
      .description(
        'migrate the database that DATABASE_URL names to this version; `up` does this by itself',
      )
      .action(async () => {
        const { DATABASE_URL: url } = settings();
        if (url === null)
          throw new QibenchError('BAD_SETTING', { setting: 'DATABASE_URL', reason: 'is required' });
        const { migrate } = await import('#store/migrate.js');
        const applied = await migrate(url, rootDir);
        print(applied, () => (applied.length === 0 ? 'nothing to apply' : applied.join('\n')));
      }),
  );
  local(
    database
      .command('backup <file>')
      .description('back up the database into a file; the service may run')
      .action(async (file: string) => {
        const path = resolve(file);
        const [from, summary] = await withDatabase('read', settings(), (url) => backup(url, path));
        print({ database: from, file: path, ...summary }, () => text(`${from} → ${path}`, summary));
      }),
  );
  local(
    database
      .command('restore <file>')
      .description('fill an empty database from a backup; the service must not run')
      .action(async (file: string) => {
        const path = resolve(file);
        const [into, summary] = await withDatabase('write', settings(), (url) =>
          restore(url, path, rootDir),
        );
        print({ database: into, file: path, ...summary }, () => text(`${path} → ${into}`, summary));
      }),
  );
  local(
    database
      .command('psql [arguments...]')
      .description("open psql with a role that only reads; after --, psql's own arguments")
      .option('--url', 'print the URL of that role for another program instead')
      .action(async (psqlArguments: string[], options: { url?: true }) => {
        const { readerUrl } = await import('#store/reader.js');
        const { runPsql } = await import('../psql.js');
        await withDatabase('read', settings(), async (owner) => {
          const url = await readerUrl(owner);
          if (options.url) print({ url }, () => url);
          else process.exitCode = await runPsql(url, psqlArguments);
        });
      }),
  );
}

function text(first: string, { tables, schema }: BackupSummary): string {
  return [
    first,
    ...tables
      .filter(({ rows }) => rows > 0)
      .map(({ table, rows }) => `${table.padEnd(20)} ${rows}`),
    `schema ${schema}`,
  ].join('\n');
}

/** Returns the name of a database without its password. */
function nameOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url.replace('@/', '@socket/'));
  const host = searchParams.get('host') ?? (port === '' ? hostname : `${hostname}:${port}`);
  return `database ${pathname.slice(1)} at ${host}`;
}

/**
 * Calls `work` with DATABASE_URL, else with the Postgres of the data folder. Starts that Postgres
 * for the duration of the call if it does not run.
 * @returns The database's name for the user, and the result.
 * @throws {SERVICE_RUNS} A service uses the data folder; a backup fails only if its Postgres
 *   does not run.
 * @throws {UNAVAILABLE} Postgres does not start.
 */
async function withDatabase<T>(
  use: 'read' | 'write',
  settings: CommandSettings,
  work: (url: string) => Promise<T>,
): Promise<[string, T]> {
  const { DATABASE_URL } = settings;
  if (DATABASE_URL !== null) return [nameOf(DATABASE_URL), await work(DATABASE_URL)];
  const { runningPostgres, startPostgres } = await import('../embedded/postgres.js');
  const { claimFolder } = await import('../embedded/claim.js');
  const { onFreePort } = await import('../embedded/server-process.js');
  const dataDir = dataFolder(settings);
  const name = `database of the data folder ${dataDir}`;
  const running = use === 'read' ? await runningPostgres(dataDir) : null;
  if (running !== null) return [name, await work(running)];
  await mkdir(dataDir, { recursive: true });
  const release = await claimFolder(dataDir); // SERVICE_RUNS
  try {
    const postgres = await onFreePort(54329, (port) => startPostgres(dataDir, port));
    try {
      return [name, await work(postgres.url)];
    } finally {
      await postgres.stop();
    }
  } finally {
    await release();
  }
}
