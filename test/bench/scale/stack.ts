// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '#cli/embedded/postgres.js';
import { startRedis } from '#cli/embedded/redis.js';
import { freePort } from '#cli/embedded/server-process.js';
import { migrate } from '#store/migrate.js';
import { openStore, type Store } from '#store/store.js';

interface Program {
  readonly pid: number;
  /** The printed lines. */
  readonly lines: readonly string[];
  /** Sends SIGTERM and waits for the exit. */
  stop(): Promise<void>;
}

/** The benchmark's own Postgres, Redis and an API process open on loopback. */
export interface Stack {
  readonly url: string;
  readonly store: Store;
  readonly redisUrl: string;
  readonly api: Program;
  startWorker(name: string): Promise<Program>;
  /**
   * Peak of resident memory per kind of process, in bytes; for Postgres the sum of its current
   * processes, with shared memory counted once.
   */
  memory(): Record<'API' | 'Postgres' | 'Redis', number>;
  stop(): Promise<void>;
}

/** @param settings Settings of the processes that differ from an API open on loopback. */
export async function startStack(settings: Record<string, string> = {}): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-bench-scale-'));
  const postgres = await startPostgres(folder, await freePort(54_399));
  const redis = await startRedis(folder, await freePort(63_899));
  await migrate(postgres.url, process.cwd());
  const store = await openStore(postgres.url);
  const environment = {
    ...process.env,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    QIBENCH_PORT: '0',
    QIBENCH_OPEN_ON_LOOPBACK: '1',
    QIBENCH_LOG_LEVEL: 'warn',
    ...settings,
  };
  const start = (program: string, ...options: string[]) =>
    startProgram([program, ...options], environment);
  const api = await start('dist/services/api/main.js');
  return {
    url: /http:\S+/.exec(api.lines.join('\n'))![0],
    store,
    redisUrl: redis.url,
    api,
    startWorker: (name) => start('dist/test/bench/scale/worker.js', name),
    memory: () => ({
      API: peakBytes(api.pid),
      Postgres: postgresBytes(folder),
      Redis: peakBytes(Number(readFileSync(join(folder, 'redis', 'redis.pid'), 'utf8'))),
    }),
    async stop() {
      await api.stop();
      await store.close();
      await redis.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a program and resolves with its first line. */
async function startProgram(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Program> {
  const child: ChildProcess = spawn(process.execPath, command, {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit');
  const first = new Promise<void>((resolve) =>
    child.stdout!.on('data', (chunk: Buffer) => {
      lines.push(
        ...chunk
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      );
      resolve();
    }),
  );
  await Promise.race([
    first,
    exited.then(() => Promise.reject(new Error(`${command[0]} did not start`))),
  ]);
  return {
    pid: child.pid!,
    lines,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const kilobytes = (pid: number, file: string, field: string) =>
  Number(
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${pid}/${file}`, 'utf8'),
    )?.[1] ?? 0,
  );
const peakBytes = (pid: number) => kilobytes(pid, 'status', 'VmHWM') * 1024;

function postgresBytes(folder: string): number {
  const postmaster = Number(
    readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  const children = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === postmaster);
  return [postmaster, ...children].reduce(
    (sum, pid) => sum + kilobytes(pid, 'smaps_rollup', 'Pss') * 1024,
    0,
  );
}

/** Returns the parent's pid, or 0 if the process has ended meanwhile. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
