// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stopOrphan } from './orphan.js';
import { accountOf, startServer, untilAnswers, type Running } from './server-process.js';

const START_LIMIT_MS = 10_000;
const ENDING = { signal: 'SIGTERM', limitMs: 10_000 } as const;

/**
 * Starts Debian's redis-server with an append-only file and no eviction: the queue is durable. It
 * does not run as root, and every data folder has a password of its own, since each user of the machine
 * reaches the port.
 */
export async function startRedis(
  dataDir: string,
  port: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<Running> {
  const folder = join(dataDir, 'redis');
  await mkdir(folder, { recursive: true });
  await chmod(dataDir, 0o755); // the server's user must be able to traverse it
  const pidFile = join(folder, 'redis.pid');
  await stopOrphan(pidFile, 'redis-server', 'SIGTERM');
  const account = accountOf('redis');
  if (account !== null) await giveFolder(folder, account.uid, account.gid);
  const password = await passwordOf(join(dataDir, 'redis.password'));
  // By standard input: other users see arguments.
  const input = [
    `pidfile ${quoted(pidFile)}`,
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${quoted(folder)}`,
    `requirepass ${password}`,
    'appendonly yes',
    'maxmemory-policy noeviction',
    'save ""',
    'daemonize no',
    '',
  ].join('\n');
  const server = startServer(['redis-server', '-'], ENDING, { account, input, cwd: '/' });
  await untilAnswers('Redis', server, () => answers(port, password), START_LIMIT_MS, signal);
  return { url: `redis://:${password}@127.0.0.1:${port}`, stop: () => server.stop() };
}

/** Returns the password of the data folder; creates it at the first start. */
async function passwordOf(file: string): Promise<string> {
  const kept = /^[0-9a-f]{48}$/.exec(await readFile(file, 'utf8').catch(() => ''))?.[0];
  if (kept !== undefined) return kept;
  const password = randomBytes(24).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Gives a folder to the server's user; an earlier version ran the server as root. */
async function giveFolder(folder: string, uid: number, gid: number): Promise<void> {
  await chown(folder, uid, gid);
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveFolder(path, uid, gid);
    else if (entry.isFile()) await chown(path, uid, gid);
  }
}

function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
      if (answer.split('\r\n').length <= 2) return;
      socket.destroy();
      resolve(answer.startsWith('+OK\r\n+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
  });
}
