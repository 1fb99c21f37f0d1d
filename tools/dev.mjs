// SPDX-License-Identifier: GPL-2.0-or-later
// `npm run dev`: the API, restarted at every compiled change, and the dashboard, reloaded at every saved file.
// `npm run dev -- --worker` adds a worker, which needs Docker and root. DATABASE_URL and REDIS_URL replace the
// Postgres and the Redis that it would start; its data is in a folder apart from the one of `./qibench up`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const stops = [];
let stopping = false;

/** Stops what was started, the last first. */
async function stop(status) {
  if (stopping) return;
  stopping = true;
  for (const step of stops.reverse()) await step().catch((error) => console.error(String(error)));
  process.exit(status);
}

/** Runs a program until the end. */
function start(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: 'inherit', env });
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(0));

// What does not compile is reported, and reported again at the next save.
const TSC = 'node_modules/typescript/bin/tsc';
if (spawnSync('npm', ['run', '--silent', 'generate'], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
spawnSync(process.execPath, [TSC, '-p', '.'], { stdio: 'inherit' });

try {
  const { dataFolder, readCommandSettings } = await import('../dist/services/cli/settings.js');
  const { freePort } = await import('../dist/services/cli/embedded/server-process.js');
  const { startPostgres } = await import('../dist/services/cli/embedded/postgres.js');
  const { startRedis } = await import('../dist/services/cli/embedded/redis.js');
  const { migrate } = await import('../dist/services/store/migrate.js');

  const settings = readCommandSettings(process.env);
  const home = settings.QIBENCH_HOME ?? `${dataFolder(settings)}-dev`;
  await mkdir(home, { recursive: true });
  const url = async (existing, startServer, preferredPort) => {
    if (existing !== null) return existing;
    const server = await startServer(home, await freePort(preferredPort));
    stops.push(server.stop);
    return server.url;
  };
  const databaseUrl = await url(settings.DATABASE_URL, startPostgres, 54330);
  const redisUrl = await url(settings.REDIS_URL, startRedis, 63800);
  await migrate(databaseUrl, process.cwd());

  const port = await freePort(settings.QIBENCH_PORT ?? 7172);
  const api = `http://127.0.0.1:${port}`;
  const env = {
    QIBENCH_OPEN_ON_LOOPBACK: '1',
    ...process.env,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    QIBENCH_HOST: '127.0.0.1',
    QIBENCH_PORT: String(port),
    QIBENCH_ROOT: process.cwd(),
  };
  const watch = ['--watch', '--watch-preserve-output', '--enable-source-maps'];
  start(process.execPath, [TSC, '-p', '.', '--watch', '--preserveWatchOutput']);
  start(process.execPath, [...watch, 'dist/services/api/main.js'], env);
  if (process.argv.includes('--worker')) {
    const { ensureDocker } = await import('../dist/services/cli/embedded/dockerd.js');
    stops.push(await ensureDocker(home, settings));
    start(process.execPath, [...watch, 'dist/worker/main.js'], env);
  }

  const paths = ['/v1', '/c/', '/docs', '/openapi.json'];
  const dashboard = await createServer({
    configFile: 'services/dashboard/vite.config.ts',
    server: {
      host: '127.0.0.1',
      // The API compares the page's origin with the host of the request, so that stays as it is.
      proxy: Object.fromEntries(paths.map((path) => [path, { target: api, changeOrigin: false }])),
    },
  });
  stops.push(() => dashboard.close());
  await dashboard.listen();
  console.log(`dashboard ${dashboard.resolvedUrls.local[0]}  API ${api}  data ${home}`);
} catch (error) {
  console.error(error);
  await stop(1);
}
