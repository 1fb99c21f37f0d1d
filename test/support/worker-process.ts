// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

/**
 * Starts a worker in its own process on the stores of the tests. It gets no jobs: it has another
 * queue and only measures handed-over jobs.
 */
export async function startWorker(settings: Record<string, string> = {}): Promise<{
  url: string;
  name: string;
  lines(): Record<string, unknown>[];
  stop(): Promise<void>;
}> {
  const name = `worker-${randomUUID()}`;
  const environment = {
    ...process.env,
    DATABASE_URL: process.env.TEST_DATABASE_URL,
    REDIS_URL: `${process.env.TEST_REDIS_URL}/7`,
    QIBENCH_WORKER: name,
    QIBENCH_ROLE: 'measure',
    QIBENCH_METRICS_PORT: '0',
    ...settings,
  };
  const worker = spawn(process.execPath, ['dist/worker/main.js'], {
    env: environment,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let output = '';
  const lines = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const url = await new Promise<string>((resolve, reject) => {
    worker.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = lines().find(({ metricsUrl }) => metricsUrl !== undefined);
      if (found !== undefined) resolve(found.metricsUrl as string);
    });
    worker.once('exit', (status) =>
      reject(new Error(`the worker did not start (exit status ${status}): ${output}`)),
    );
  });
  return {
    url,
    name,
    lines,
    async stop() {
      const exited = once(worker, 'exit');
      worker.kill('SIGTERM');
      await exited;
    },
  };
}
