// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';

const SOCKET = '/var/run/docker.sock';
const START_LIMIT_MS = 60_000;

/**
 * Starts a Docker engine unless one already answers.
 * @returns Function that stops the engine if this call started it.
 */
export async function ensureDocker(dataDir: string): Promise<() => Promise<void>> {
  if (process.env.DOCKER_HOST !== undefined || (await ping())) return async () => undefined;
  await mkdir(dataDir, { recursive: true });
  const log = openSync(join(dataDir, 'dockerd.log'), 'a');
  const daemon = spawn('dockerd', [], { stdio: ['ignore', log, log], detached: true });
  const exited = once(daemon, 'exit');
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (!(await ping())) {
    if (performance.now() > deadlineMs || daemon.exitCode !== null)
      throw new Error(`dockerd did not start; see ${join(dataDir, 'dockerd.log')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return async () => {
    daemon.kill('SIGTERM');
    await exited;
  };
}

function ping(): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath: SOCKET, path: '/_ping', timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.once('error', () => resolve(false));
    call.once('timeout', () => call.destroy());
    call.end();
  });
}
