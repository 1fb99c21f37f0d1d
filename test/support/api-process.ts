// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from '#cli/client.js';

/**
 * Starts the API in its own process on the stores of the tests, without authentication unless the
 * settings differ.
 */
export async function startApi(
  settings: Record<string, string> = {},
  log: 'inherit' | 'pipe' = 'inherit',
): Promise<{
  client: Client;
  output(): string;
  logged(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}> {
  const environment = {
    ...process.env,
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    REDIS_URL: process.env.TEST_REDIS_URL,
    QIBENCH_PORT: '0',
    QIBENCH_OPEN_ON_LOOPBACK: '1',
    QIBENCH_LOG_LEVEL: 'warn',
    ...settings,
  };
  const api = spawn(process.execPath, ['dist/services/api/main.js'], {
    env: environment,
    stdio: ['ignore', 'pipe', log],
  });
  let printed = '';
  let logged = '';
  api.stderr?.on('data', (chunk: Buffer) => (logged += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    api.stdout!.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /API at (http:\S+)/.exec(printed);
      if (found !== null) resolve(found[1]!);
    });
    api.once('exit', (status) =>
      reject(new Error(`the API did not start (exit status ${status})`)),
    );
  });
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(api, 'exit');
    api.kill(signal);
    await exited;
  };
  return {
    client: new Client(url),
    output: () => printed,
    logged: () => logged,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
