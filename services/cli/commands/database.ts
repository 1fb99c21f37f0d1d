// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { QibenchError } from '#contract/error.js';
import { backup } from '#store/backup.js';
import type { BackupSummary } from '#store/backup-format.js';
import { restore } from '#store/restore.js';
import type { Context } from '../context.js';

/** Adds the commands of `database`, for DATABASE_URL or the service on this machine. */
export function databaseCommands(program: Command, { rootDir, print }: Context): void {
  const database = program
    .command('database')
    .description('migrate, back up and restore the database');
  database
    .command('migrate')
    .description(
      'migrate the database that DATABASE_URL names to this version; `up` does this by itself',
    )
    .action(async () => {
      const { DATABASE_URL: url = '' } = process.env;
      if (url === '')
        throw new QibenchError('BAD_SETTING', {
          setting: 'DATABASE_URL',
          reason: 'is required',
        });
      const { migrate } = await import('#store/migrate.js');
      const applied = await migrate(url, rootDir);
      print(applied, () => (applied.length === 0 ? 'nothing to apply' : applied.join('\n')));
    });
  database
    .command('backup <file>')
    .description('back up the database into a file; the service may run')
    .action(async (file: string) => {
      const summary = await withDatabase('read', (url) => backup(url, resolve(file)));
      print(summary, () => text(summary));
    });
  database
    .command('restore <file>')
    .description('fill an empty database from a backup; the service must not run')
    .action(async (file: string) => {
      const summary = await withDatabase('write', (url) => restore(url, resolve(file), rootDir));
      print(summary, () => text(summary));
    });
}

function text({ tables, schema }: BackupSummary): string {
  return [
    ...tables
      .filter(({ rows }) => rows > 0)
      .map(({ table, rows }) => `${table.padEnd(20)} ${rows}`),
    `schema ${schema}`,
  ].join('\n');
}

/**
 * Calls `work` with DATABASE_URL, else with the Postgres of the data folder. Starts that Postgres
 * for the duration of the call if it does not run.
 * @throws {SERVICE_RUNS} when a service uses the data folder; a backup fails only if its Postgres
 *   does not run.
 * @throws {UNAVAILABLE} when Postgres does not start.
 */
async function withDatabase<T>(
  use: 'read' | 'write',
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (process.env.DATABASE_URL !== undefined) return work(process.env.DATABASE_URL);
  const { runningPostgres, startPostgres } = await import('../embedded/postgres.js');
  const { claimFolder, dataFolder, freePort } = await import('../up.js');
  const dataDir = dataFolder(process.env);
  const running = use === 'read' ? await runningPostgres(dataDir) : null;
  if (running !== null) return work(running);
  await mkdir(dataDir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  await claimFolder(dataDir, stops); // SERVICE_RUNS
  try {
    const postgres = await startPostgres(dataDir, await freePort(54329)).catch((error: unknown) => {
      throw new QibenchError(
        'UNAVAILABLE',
        { what: 'Postgres', reason: `it does not start on ${dataDir}: ${String(error)}` },
        { cause: error },
      );
    });
    stops.push(() => postgres.stop());
    return await work(postgres.url);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
