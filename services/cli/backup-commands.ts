import type { Command } from 'commander';
import { resolve } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { QibenchError } from '../contract/error.js';
import { backup } from '../store/backup.js';
import type { BackupSummary } from '../store/backup-format.js';
import { restore } from '../store/restore.js';

type Print = (value: unknown, text: () => string) => void;

/** Adds the commands `backup` and `restore`, for DATABASE_URL or the service on this machine. */
export function backupCommands(program: Command, rootDir: string, print: Print): void {
  program
    .command('backup <file>')
    .description('back up the database into a file; the service may run')
    .action(async (file: string) => {
      const summary = await withDatabase('read', (url) => backup(url, resolve(file)));
      print(summary, () => text(summary));
    });
  program
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
  const { runningPostgres, startPostgres } = await import('./embedded/postgres.js');
  const { claimFolder, dataFolder, freePort } = await import('./up.js');
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
