// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { migrate } from '#store/migrate.js';
import startDocker from './docker-setup.js';

declare global {
  var qibenchStores: ChildProcess | undefined;
}

/**
 * Starts real stores for all integration tests, with the migrations applied, and a Docker engine.
 */
export default async function setup(): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('stores.js', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  globalThis.qibenchStores = child;
  const failed = once(child, 'exit').then(([status]) =>
    Promise.reject(new Error(`the stores did not start (exit status ${status})`)),
  );
  const [line] = (await Promise.race([once(child.stdout!, 'data'), failed])) as [Buffer];
  failed.catch(() => undefined);
  const { databaseUrl, redisUrl } = JSON.parse(line.toString()) as {
    databaseUrl: string;
    redisUrl: string;
  };
  await migrate(databaseUrl, fileURLToPath(new URL('../../..', import.meta.url)));
  await startDocker();
  process.env.TEST_DATABASE_URL = databaseUrl;
  process.env.TEST_REDIS_URL = redisUrl;
}
