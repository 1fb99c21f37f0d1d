// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { Client } from '#cli/client.js';
import { firstToken, rootDir, submitJob, succeeded, waitFor } from './jobs.js';

const PROJECT = 'qibench-deployment';
const PORT = 7272;

/**
 * Tests compose.yaml on this machine's engine: a job succeeds, also after its worker is killed and
 * while Postgres and Redis are away.
 */
export async function tryCompose(say: (line: string) => void): Promise<void> {
  const compose = (...command: string[]) =>
    execFileSync('docker-compose', ['-p', PROJECT, ...command], {
      cwd: rootDir,
      encoding: 'utf8',
      env: { ...process.env, QIBENCH_LISTEN: `127.0.0.1:${PORT}`, COMPOSE_HTTP_TIMEOUT: '300' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  try {
    compose('up', '-d', '--no-build');
    const client = await started(`http://127.0.0.1:${PORT}`, () =>
      firstToken(compose('logs', '--no-color', 'api')),
    );
    say('compose: up');

    await refuses(`http://127.0.0.1:${PORT}`);
    say('compose: without a token nothing is to be had');

    await succeeded(client, await submitJob(client, 'compose: a job'));
    say('compose: a job succeeded');

    const interrupted = await submitJob(client, 'compose: its worker is killed', 40);
    await waitFor(
      client,
      interrupted,
      'measuring',
      ({ state, blocksDone }) => state === 'measuring' && blocksDone > 0,
    );
    compose('kill', 'worker');
    compose('up', '-d', '--no-build', 'worker');
    const { epoch } = await succeeded(client, interrupted);
    if (epoch < 2) throw new Error('the worker was not killed in time');
    say(`compose: a job whose worker was killed succeeded, claimed ${epoch} times`);

    compose('restart', 'postgres', 'redis');
    await succeeded(client, await submitAgain(client, 'compose: after its stores restarted'));
    say('compose: a job succeeded after Postgres and Redis had restarted');
  } catch (error) {
    say(compose('logs', '--no-color', '--tail', '40'));
    throw error;
  } finally {
    compose('down', '--volumes', '--timeout', '60');
  }
}

/** Waits until the API answers and its first token works. */
export async function started(
  server: string,
  token: () => string,
  limitMs = 180_000,
): Promise<Client> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    try {
      const client = new Client(server, token());
      await client.get('/v1/jobs');
      return client;
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

async function refuses(server: string): Promise<void> {
  const { status } = await fetch(`${server}/v1/jobs`);
  if (status !== 401) throw new Error(`without a token the API answered ${status}`);
}

async function submitAgain(client: Client, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const id = await submitJob(client, name).catch((error: unknown) => {
      if (attempt === 60) throw error;
      return null;
    });
    if (id !== null) return id;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
