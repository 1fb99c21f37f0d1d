// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Client } from '#cli/client.js';
import { migrate } from '#store/migrate.js';
import { freePort } from '#support/free-port.js';
import { ownClock } from './clock.js';
import { docker, OwnDocker } from './own-docker.js';
import { Program } from './program.js';
import { SmallDisk } from './small-disk.js';
import { postgresServer, redisServer, type Server } from './stores.js';

const DISK_BYTES = 448 * 1024 ** 2;

/**
 * The whole service with killable parts: a Postgres on a small disk, Redis, the API with its relay,
 * two workers.
 */
export interface Stack {
  readonly folder: string;
  /** Disk of Postgres' data. */
  readonly disk: SmallDisk;
  /** Temporary files of all programs. */
  readonly tmpFolder: string;
  readonly client: Client;
  readonly postgres: Server;
  readonly redis: Server;
  readonly redisPort: number;
  readonly api: Program;
  readonly workers: readonly Program[];
  /** Null for the machine's engine, which the suite must not kill. */
  readonly ownDocker: OwnDocker | null;
  docker(...command: string[]): string;
  /** Queries the database for checks; retries while Postgres is away. */
  query<Row>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/**
 * @param index From 0: uses a Docker engine of that number. Null uses the machine's engine.
 * @param programs Folder whose dist/ runs.
 */
export async function startStack(
  rootDir: string,
  index: number | null,
  programs = rootDir,
): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-chaos-'));
  const tmpFolder = join(folder, 'tmp');
  for (const name of [tmpFolder, join(folder, 'lock')]) mkdirSync(name);
  execFileSync('chmod', ['755', folder]);
  const disk = SmallDisk.inFile(join(folder, 'disk'), DISK_BYTES);
  const ownDocker = index === null ? null : new OwnDocker(folder, index);
  await ownDocker?.start();
  const [postgresPort, redisPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const postgres = postgresServer(disk.folder, postgresPort);
  await postgres.start();
  await migrate(postgres.url, rootDir);
  const redis = redisServer(folder, redisPort);
  await redis.start();

  const environment = {
    ...process.env,
    ...(ownDocker === null ? {} : { DOCKER_HOST: ownDocker.host }),
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    QIBENCH_PORT: String(apiPort),
    QIBENCH_OPEN_ON_LOOPBACK: '1',
    QIBENCH_ROOT: rootDir,
    QIBENCH_LOCK_DIR: join(folder, 'lock'),
    TMPDIR: tmpFolder,
  };
  const api = new Program(
    'api',
    join(programs, 'dist/services/api/main.js'),
    environment,
    join(folder, 'api.log'),
    await ownClock(folder, 'api'),
  );
  const workers = await Promise.all(
    ['a', 'b'].map(
      async (name) =>
        new Program(
          name,
          join(programs, 'dist/worker/main.js'),
          { ...environment, QIBENCH_WORKER: name },
          join(folder, `worker-${name}.log`),
          await ownClock(folder, name),
        ),
    ),
  );
  api.start();
  workers.forEach((worker) => worker.start());

  const pool = new pg.Pool({
    connectionString: postgres.url,
    max: 4,
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return {
    folder,
    disk,
    tmpFolder,
    postgres,
    redis,
    redisPort,
    api,
    workers,
    ownDocker,
    client: new Client(`http://127.0.0.1:${apiPort}`),
    docker: (...command) => docker(ownDocker?.host ?? null, ...command),
    async query<Row>(sql: string, values: unknown[] = []) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return (await pool.query(sql, values)).rows as Row[];
        } catch (error) {
          const code = (error as { code?: string }).code ?? '';
          if (attempt > 200 || /^(22|23|42)/.test(code)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
    async stop() {
      await Promise.all([...workers, api].map((program) => program.end()));
      await pool.end();
      await redis.stop();
      await postgres.stop();
      disk.unmount();
      if (ownDocker !== null) await ownDocker.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
