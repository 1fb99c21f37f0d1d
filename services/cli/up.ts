import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { QibenchError } from '../contract/error.js';
import { migrate } from '../store/migrate.js';
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

/** Where the embedded service keeps its data: QIBENCH_HOME, else a folder fit for the user. */
export function dataFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.QIBENCH_HOME !== undefined) return environment.QIBENCH_HOME;
  if (process.getuid?.() === 0) return '/var/lib/qibench';
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'qibench');
}

/**
 * The whole service on one machine: Docker, Postgres and Redis unless the environment names others, then API and
 * worker, each a process of its own that is started again if it dies. Stops in the reverse order.
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
      await step().catch((error: unknown) => say(`while stopping: ${String(error)}`));
  };
  await claimFolder(dataDir, stops);
  try {
    stops.push(await ensureDocker(dataDir));
    say('Docker answers');
    const databaseUrl =
      environment.DATABASE_URL ??
      (await started(stops, startPostgres(dataDir, await freePort(54329))));
    const redisUrl =
      environment.REDIS_URL ?? (await started(stops, startRedis(dataDir, await freePort(63799))));
    await migrate(databaseUrl, rootDir);
    say('Postgres and Redis answer');
    const port =
      environment.QIBENCH_PORT === undefined
        ? await freePort(7171)
        : Number(environment.QIBENCH_PORT);
    // On this machine alone nobody needs a token, unless the operator says so; then the first one is in the API's log.
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
    say(
      `service at ${url}${open === '1' ? '' : `; it wants tokens, and the first one is in ${join(dataDir, 'api.log')}`}`,
    );
    return { url, dataDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One service per data folder: two servers on the same files would destroy them. */
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

/** Keep a program running until the returned function is called; then SIGTERM, and SIGKILL if that is not heeded. */
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
    // Its own process group: a Ctrl-C in the terminal reaches us, and we stop things in order.
    // Its channel to us: if we are killed, it closes, and the program stops by itself.
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

/** The preferred port, or any free one if it is taken. */
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
  throw new Error('no free port');
}
