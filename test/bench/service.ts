// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import { startService } from '#cli/up.js';
import type { Job } from '#contract/job.js';
import type { JobEvent } from '#contract/job-event.js';
import type { Sample } from '#contract/sample.js';

/**
 * Runs an action on the benchmark's own service and deletes its data afterwards; images and
 * compiler cache are the machine's.
 */
export async function withService(use: (client: Client) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'qibench-bench-'));
  const service = await startService(
    process.cwd(),
    { ...process.env, QIBENCH_HOME: home },
    () => undefined,
  );
  try {
    await use(new Client(service.url));
  } finally {
    await service.stop();
    await rm(home, { recursive: true, force: true });
  }
}

/** A succeeded job. */
export interface Done {
  readonly job: Job;
  readonly events: readonly JobEvent[];
}

/**
 * Submits a job and waits for its end.
 * @throws {Error} The job does not succeed.
 */
export async function runJob(client: Client, request: object): Promise<Done> {
  const { id } = await client.post<Job>('/v1/jobs', request);
  const events: JobEvent[] = [];
  for await (const event of jobEvents(client, id)) events.push(event);
  const job = await client.get<Job>(`/v1/jobs/${id}`);
  if (job.state !== 'succeeded')
    throw new Error(`the job ${job.state}: ${job.error?.code} ${job.error?.message}`);
  return { job, events };
}

/** Returns the timed samples of a job. */
export async function samplesOf(client: Client, { job }: Done): Promise<Sample[]> {
  return (await client.get<{ samples: Sample[] }>(`/v1/jobs/${job.id}/samples`)).samples;
}

/**
 * Returns the milliseconds from the end of each timed run to the start of the next one: the cost of
 * a run outside its measured window.
 */
export function aroundMs(samples: readonly Sample[]): number[] {
  const runs = samples
    .map(({ startedAt, wallNs }) => ({
      startMs: Date.parse(startedAt),
      wallMs: Number(wallNs) / 1e6,
    }))
    .sort((a, b) => a.startMs - b.startMs);
  return runs
    .slice(1)
    .map(({ startMs }, index) => startMs - runs[index]!.startMs - runs[index]!.wallMs);
}
