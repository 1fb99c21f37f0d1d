// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import type { Job } from '#contract/job.js';
import type { JobEventBody } from '#contract/job-event.js';
import { freePort } from './free-port.js';

/** Time for a first build of all images. */
export const BUILD_LIMIT_MS = 2_400_000;

export interface TestService {
  readonly client: Client;
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** Submits a job and waits for its end. */
  finish(request: unknown, onEvent?: (body: JobEventBody) => void): Promise<Job>;
  stop(): Promise<void>;
}

/**
 * Starts the whole service like a user, with its own data. Images and compiler cache are the
 * machine's.
 */
export async function startTestService(
  settings: Record<string, string> = {},
): Promise<TestService> {
  const port = await freePort();
  const home = mkdtempSync(join(tmpdir(), 'qibench-e2e-'));
  const service = spawn(process.execPath, ['dist/services/cli/main.js', 'up'], {
    env: { ...process.env, QIBENCH_HOME: home, QIBENCH_PORT: String(port), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    service.stderr.on(
      'data',
      (chunk: Buffer) => (output += chunk.toString()).includes('service at') && resolve(),
    );
    service.once('exit', () => reject(new Error(`the service did not start: ${output}`)));
  });
  const client = new Client(`http://127.0.0.1:${port}`);
  return {
    client,
    process: service,
    dataDir: home,
    async finish(request, onEvent = () => undefined) {
      const job = await client.post<Job>('/v1/jobs', request);
      for await (const { body } of jobEvents(client, job.id)) onEvent(body);
      return client.get<Job>(`/v1/jobs/${job.id}`);
    },
    async stop() {
      const exited = once(service, 'exit');
      service.kill('SIGTERM');
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
