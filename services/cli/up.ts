// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '#store/migrate.js';
import { QibenchError } from '#contract/error.js';
import type { Environment } from '#contract/settings.js';
import { claimFolder } from './embedded/claim.js';
import { ensureDocker } from './embedded/dockerd.js';
import { startPostgres } from './embedded/postgres.js';
import { startRedis } from './embedded/redis.js';
import { onFreePort, type Running } from './embedded/server-process.js';
import { supervise } from './embedded/supervise.js';
import { dataFolder, LOOPBACK, readCommandSettings } from './settings.js';

const PORT = 7171;

export interface EmbeddedService {
  readonly url: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * Starts the whole service on one machine: Docker, Postgres and Redis unless the environment names
 * others, then API and worker. Each of these two is a process that is restarted if it dies after
 * its start. Stops the parts in reverse order.
 *
 * @param say Receives progress, one line at a time.
 * @param signal Ends the start: what has started by then is stopped.
 * @throws {BAD_SETTING} A setting is wrong, or names a server that does not answer.
 * @throws {SERVICE_RUNS} A service already uses the data folder.
 * @throws {UNAVAILABLE} A part does not start; the error has its reason.
 * @throws The signal's reason when it aborts.
 */
export async function startService(
  rootDir: string,
  environment: Environment,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<EmbeddedService> {
  const settings = readCommandSettings(environment);
  if (settings.QIBENCH_HOST !== LOOPBACK)
    throw new QibenchError('BAD_SETTING', {
      setting: 'QIBENCH_HOST',
      reason: `"up" and "demo" listen on ${LOOPBACK} only; docs/deployment.md has other addresses`,
    });
  const dataDir = dataFolder(settings);
  await mkdir(dataDir, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse())
      await step().catch((error: unknown) => say(`error while stopping: ${String(error)}`));
  };
  const urlOf = async (server: Promise<Running>) => {
    const { url, stop: stopServer } = await server;
    stops.push(stopServer);
    signal.throwIfAborted();
    return url;
  };
  try {
    stops.push(await claimFolder(dataDir));
    stops.push(await ensureDocker(dataDir, settings, signal));
    signal.throwIfAborted();
    say('Docker is ready');
    const databaseUrl =
      settings.DATABASE_URL ??
      (await urlOf(onFreePort(54329, (port) => startPostgres(dataDir, port, signal))));
    const redisUrl =
      settings.REDIS_URL ??
      (await urlOf(onFreePort(63799, (port) => startRedis(dataDir, port, signal))));
    await unlessAborted(signal, migrate(databaseUrl, rootDir));
    const ownPostgres = settings.DATABASE_URL === null;
    say(ownPostgres ? 'Postgres is started and ready' : 'the Postgres of DATABASE_URL is ready');
    if (settings.REDIS_URL === null) say('Redis is started and ready');
    // On loopback a token is needed only if the operator requires it. The API's log then has the
    // first one.
    const open = settings.QIBENCH_OPEN_ON_LOOPBACK;
    const child = {
      ...environment,
      QIBENCH_OPEN_ON_LOOPBACK: open ? '1' : '0',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      QIBENCH_HOST: LOOPBACK,
      QIBENCH_ROOT: rootDir,
    };
    const logOf = (name: string) => join(dataDir, `${name}.log`);
    const startApi = (port: number) =>
      supervise(
        'the API',
        join(rootDir, 'dist/services/api/main.js'),
        { ...child, QIBENCH_PORT: String(port) },
        logOf('api'),
        signal,
        (url) => ({ ...child, QIBENCH_PORT: new URL(url!).port }),
      );
    const api = await (settings.QIBENCH_PORT === null
      ? onFreePort(PORT, startApi)
      : startApi(settings.QIBENCH_PORT));
    stops.push(api.stop);
    // The API asks Redis before it listens.
    if (settings.REDIS_URL !== null) say('the Redis of REDIS_URL is ready');
    const worker = await supervise(
      'the worker',
      join(rootDir, 'dist/worker/main.js'),
      child,
      logOf('worker'),
      signal,
    );
    stops.push(worker.stop);
    const url = api.url!;
    const tokens = open ? '' : `; it requires a token: the first one is in ${logOf('api')}`;
    say(`service at ${url}${tokens}`);
    return { url, dataDir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for work that cannot be ended, unless the signal aborts first. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  work.catch(() => undefined); // it may fail after the signal
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  return Promise.race([work, aborted]);
}
