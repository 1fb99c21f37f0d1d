// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stopOrphan } from './orphan.js';
import type { Running } from './postgres.js';

const START_LIMIT_MS = 10_000;

/** Starts Debian's redis-server with an append-only file and no eviction: the queue is durable. */
export async function startRedis(dataDir: string, port: number): Promise<Running> {
  const folder = join(dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  const pidFile = join(folder, 'redis.pid');
  await stopOrphan(pidFile, 'redis-server', 'SIGTERM');
  const options = [
    '--pidfile',
    pidFile,
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
    '--save',
    '',
    '--daemonize',
    'no',
  ];
  const server = spawn('redis-server', options, { stdio: 'ignore', detached: true });
  const exited = once(server, 'exit');
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (performance.now() > deadlineMs || server.exitCode !== null)
      throw new Error(`redis-server did not answer on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill('SIGTERM');
      await exited;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write('PING\r\n'));
  });
}
