// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { openQueue } from '#queue/queue.js';

const VALUES = 600;
/** Redis takes this time for each value that it loads: a minute in total. */
const LOAD_DELAY_MICROSECONDS = 100_000;

const folder = mkdtempSync(join(tmpdir(), 'qibench-queue-'));
const socket = join(folder, 'redis.sock');
let redis: ChildProcess | undefined;
afterAll(() => {
  redis?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(...options: string[]): ChildProcess {
  const settings = ['--port', '0', '--unixsocket', socket, '--dir', folder];
  redis = spawn('redis-server', [...settings, '--rdbcompression', 'no', ...options], {
    stdio: 'ignore',
  });
  return redis;
}

function ask(...command: string[]): string {
  try {
    return execFileSync('redis-cli', ['-s', socket, ...command], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return String(error); // nothing listens yet
  }
}

test('a Redis that still loads its data is refused with that reason', async () => {
  const first = start();
  while (!ask('PING').includes('PONG')) await after(50);
  const fill = `for i = 1, ${VALUES} do redis.call('SET', i, string.rep('x', 2000)) end`;
  ask('EVAL', fill, '0');
  const ended = once(first, 'exit');
  ask('SHUTDOWN', 'SAVE');
  await ended;

  // Clients are answered once in this number of bytes.
  const often = ['--loading-process-events-interval-bytes', '1024'];
  start('--key-load-delay', String(LOAD_DELAY_MICROSECONDS), ...often);
  while (!ask('PING').includes('LOADING')) await after(50);

  await expect(openQueue(`unix://${socket}`)).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: expect.stringMatching(/^REDIS_URL: .*: it still loads its data after 2 s/) as string,
  });
}, 120_000);
