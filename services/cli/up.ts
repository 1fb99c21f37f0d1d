// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '#contract/error.js';
import { migrate } from '#store/migrate.js';
import { ensureDocker } from './embedded/dockerd.js';
import { runs } from './embedded/orphan.js';
import { startPostgres } from './embedded/postgres.js';
import { startRedis } from './embedded/redis.js';

const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 30_000;
const RESTART_MS = 1_000;

export interface EmbeddedService {
  readonly url: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** Returns the data folder of the embedded service: QIBENCH_HOME, else the user's default. */
export function dataFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.QIBENCH_HOME !== undefined) return environment.QIBENCH_HOME;
  if (process.getuid?.() === 0) return '/var/lib/qibench';
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'qibench');
}

/**
 * Starts the whole service on one machine: Docker, Postgres and Redis unless the environment names
 * others, then API and worker. Each of these two is a process that is restarted if it dies.
 * Stops the parts in reverse order.
 * @param say Receives progress, one line at a time.
 * @throws {SERVICE_RUNS} when a service already uses the data folder.
 * @throws {UNAVAILABLE} when the API is not healthy in time.
 */
export async function startService(
  rootDir: string,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<EmbeddedService> {
  const dataDir = dataFolder(environment);
  await mkdir(dataDir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse())
      await step().catch((error: unknown) => say(`error while stopping: ${String(error)}`));
  };
  await claimFolder(dataDir, stops);
  try {
    stops.push(await ensureDocker(dataDir));
    say('Docker is ready');
    const databaseUrl =
      environment.DATABASE_URL ??
      (await started(stops, startPostgres(dataDir, await freePort(54329))));
    const redisUrl =
      environment.REDIS_URL ?? (await started(stops, startRedis(dataDir, await freePort(63799))));
    await migrate(databaseUrl, rootDir);
    say('Postgres and Redis are ready');
    const port =
      environment.QIBENCH_PORT === undefined
        ? await freePort(7171)
        : Number(environment.QIBENCH_PORT);
    // On loopback a token is needed only if the operator requires it. The API's log then has the
    // first one.
    const open = environment.QIBENCH_OPEN_ON_LOOPBACK ?? '1';
    const child = {
      ...environment,
      QIBENCH_OPEN_ON_LOOPBACK: open,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      QIBENCH_PORT: String(port),
      QIBENCH_HOST: '127.0.0.1',
      QIBENCH_ROOT: rootDir,
    };
    stops.push(
      supervise(join(rootDir, 'dist/services/api/main.js'), child, join(dataDir, 'api.log')),
    );
    const url = `http://127.0.0.1:${port}`;
    await ready(url, join(dataDir, 'api.log'));
    stops.push(supervise(join(rootDir, 'dist/worker/main.js'), child, join(dataDir, 'worker.log')));
    const tokens =
      open === '1' ? '' : `; it requires a token: the first one is in ${join(dataDir, 'api.log')}`;
    say(`service at ${url}${tokens}`);
    return { url, dataDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Claims the data folder for this process, since two servers on the same files would destroy them.
 * @param stops Receives the function that releases the claim.
 * @throws {SERVICE_RUNS} when another service uses the folder.
 */
export async function claimFolder(dataDir: string, stops: (() => Promise<void>)[]): Promise<void> {
  const pidFile = join(dataDir, 'qibench.pid');
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
  if (pid > 0 && pid !== process.pid && (await runs(pid, 'cli/main.js'))) {
    throw new QibenchError('SERVICE_RUNS', { dataDir, pid });
  }
  await writeFile(pidFile, String(process.pid));
  stops.push(() => rm(pidFile, { force: true }));
}

async function started(
  stops: (() => Promise<void>)[],
  server: Promise<{ url: string; stop(): Promise<void> }>,
): Promise<string> {
  const { url, stop } = await server;
  stops.push(stop);
  return url;
}

/**
 * Runs a program and restarts it when it exits.
 * @returns Function that stops it by SIGTERM, and by SIGKILL after STOP_LIMIT_MS.
 */
function supervise(
  program: string,
  environment: NodeJS.ProcessEnv,
  logFile: string,
): () => Promise<void> {
  const log = openSync(logFile, 'a', 0o600);
  chmodSync(logFile, 0o600); // the first token of a service is in it
  let stopping = false;
  let child: ChildProcess;
  const start = () => {
    // Own process group: Ctrl-C in the terminal reaches only this process, which stops the others.
    // IPC channel: it closes if this process is killed, and the program then stops by itself.
    child = spawn(process.execPath, ['--enable-source-maps', program], {
      env: environment,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    child.once('exit', () => {
      if (!stopping) setTimeout(() => stopping || start(), RESTART_MS).unref();
    });
  };
  start();
  return async () => {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  };
}

async function ready(url: string, logFile: string): Promise<void> {
  const deadlineMs = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${url}/v1/health`).catch(() => null);
    if (answer?.ok) return;
    if (performance.now() > deadlineMs)
      throw new QibenchError('UNAVAILABLE', {
        what: 'the API',
        reason: `not healthy after ${READY_LIMIT_MS / 1000} s; its log is ${logFile}`,
      });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Returns the preferred port, or any free one if it is taken. */
export async function freePort(preferred: number): Promise<number> {
  for (const port of [preferred, 0]) {
    const server = createServer();
    const free = await new Promise<number | null>((resolve) => {
      server.once('error', () => resolve(null));
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free !== null) return free;
  }
  throw new Error('no free TCP port on 127.0.0.1');
}
