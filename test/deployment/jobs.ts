// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path';
import { Client } from '#cli/client.js';
import { ENDED_STATES, type Job } from '#contract/job.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';

const POLL_MS = 500;

/**
 * Submits a job that measures the cost of a port write with a loaded library that counts. @param
 * name Another name gives another job and other code.
 */
export async function submitJob(client: Client, name: string, blocks = 6): Promise<string> {
  const files = [
    ...(await readFolder('qemu/examples/count')),
    { path: 'name.c', content: `/* ${name} */\n` },
  ];
  const { digest } = await uploadFiles(client, files);
  const request = {
    name,
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    instrumentation: digest,
    variants: ['none', 'dynamic'],
    workloads: [{ name: 'port-io', parameters: { writes: 200_000 } }],
    blocks,
  };
  return (await client.post<Job>('/v1/jobs', request, { 'idempotency-key': name })).id;
}

/**
 * Waits until a job fits the condition. @throws {Error} The job ended otherwise or the limit
 * passed; the message names its state.
 */
export async function waitFor(
  client: Client,
  id: string,
  what: string,
  holds: (job: Job) => boolean,
  limitMs = 1_200_000,
): Promise<Job> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    // an API may be away for a moment
    const job = await client.get<Job>(`/v1/jobs/${id}`).catch(() => null);
    if (job !== null && holds(job)) return job;
    if ((job !== null && ENDED_STATES.includes(job.state)) || performance.now() > deadlineMs)
      throw new Error(`${id} is not ${what}: ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const succeeded = (client: Client, id: string) =>
  waitFor(client, id, 'succeeded', ({ state }) => state === 'succeeded');

/** Returns a service's first token from its log. */
export function firstToken(log: string): string {
  const token = /qib_[0-9a-f]+_[0-9a-f]+/.exec(log)?.[0];
  if (token === undefined) throw new Error(`the log has no token: ${log}`);
  return token;
}

export const rootDir = join(import.meta.dirname, '../../..');
