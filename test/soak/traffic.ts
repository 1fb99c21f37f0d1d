// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { ServiceError, type Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import { EXPORT_FORMATS } from '#contract/format.js';
import { random, randomInteger } from '#statistics/random.js';
import { EXPECTED, JOB_KINDS, submitJob } from '../chaos/jobs.js';

/** Counts of what a project did. */
export interface Done {
  jobs: number;
  requests: number;
  /** One sentence per unexpected answer. */
  readonly surprises: string[];
}

/**
 * Does what a project's users do, one after the other, until `isOver`: jobs of every kind, with
 * their event streams, comparisons, exports and traces; imports and histories; refused requests.
 */
export async function useService(
  client: Client,
  project: string,
  seed: number,
  isOver: () => boolean,
): Promise<Done> {
  const next = random(seed, 4_242);
  const draw = <T>(values: readonly T[]): T => values[randomInteger(next, values.length)]!;
  const done: Done = { jobs: 0, requests: 0, surprises: [] };
  const ask = async (path: string) => {
    done.requests += 1;
    await (await client.open(path)).text();
  };
  while (!isOver()) {
    try {
      const kind = draw(JOB_KINDS);
      // Most jobs use code that is built already, as most jobs of real projects do.
      const name = randomUUID();
      const code = next() < 0.2 ? name : project;
      const { id } = await submitJob({ client }, process.cwd(), kind, name, { project, code });
      done.jobs += 1;
      if (kind === 'cancelled') await client.post(`/v1/jobs/${id}/cancel`, {});
      let state = '';
      for await (const { body } of jobEvents(client, id))
        if (body.type === 'state') state = body.state;
      if (state !== EXPECTED[kind].state) done.surprises.push(`${kind} ${id}: ${state}`);
      if (state === 'succeeded') {
        await ask(`/v1/jobs/${id}/comparison`);
        await ask(`/v1/jobs/${id}/samples`);
        await ask(`/v1/jobs/${id}/traces`);
        await ask(`/v1/jobs/${id}/export?format=${draw(EXPORT_FORMATS)}`);
      }
      await importResults(client, project, next());
      const series = `project=${project}&branch=main&workload=soak&variant=imported&metric=value`;
      await ask(`/v1/history?${series}`);
      await ask(`/v1/jobs?project=${project}`);
      await ask('/v1/queue');
      await ask('/v1/hosts');
      await refusedRequest(client, project);
    } catch (error) {
      done.surprises.push(String(error));
    }
  }
  return done;
}

async function importResults(client: Client, project: string, noise: number): Promise<void> {
  await client.post('/v1/imports', {
    format: 'custom-smaller-is-better',
    project,
    branch: 'main',
    variant: 'imported',
    host: 'soak',
    document: [{ name: 'soak', unit: 'ns', value: 100 + noise }],
  });
}

async function refusedRequest(client: Client, project: string): Promise<void> {
  const refusal = await client
    .post('/v1/jobs', { project, qemu: { version: 'none' } })
    .catch((error: unknown) => error);
  if (!(refusal instanceof ServiceError)) throw new Error('a wrong job was accepted');
}
