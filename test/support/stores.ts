// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a Postgres and a Redis for the integration tests in their own process: prints their URLs,
// stops on SIGTERM.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#cli/embedded/postgres.js';
import { startRedis } from '#cli/embedded/redis.js';

const folder = await mkdtemp(join(tmpdir(), 'qibench-test-'));
const postgres = await startPostgres(folder, await freePort());
const redis = await startRedis(folder, await freePort());
console.log(JSON.stringify({ databaseUrl: postgres.url, redisUrl: redis.url }));
process.once('SIGTERM', () => void stop());

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
