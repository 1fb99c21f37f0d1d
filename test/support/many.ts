// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import { JobPlan } from '#contract/job.js';
import { acceptJob } from '#store/jobs.js';
import type { Store } from '#store/store.js';
import { jobRequest } from './job-request.js';

/** Inserts ended jobs of a project, every fifth failed, each named by project and number. */
export async function manyJobs(store: Store, project: string, jobs: number): Promise<void> {
  const side = {
    qemu: { version: '7.2', target: 'x86_64-softmmu', patches: null },
    events: [],
    instrumentation: null,
  };
  const plan = JobPlan.parse({
    events: [],
    blocks: 6,
    seed: 1,
    batches: 1,
    sides: { head: side, base: null, same: false },
    variants: [
      {
        name: 'none',
        side: 'head',
        mode: 'none',
        backend: null,
        plugin: null,
        arguments: [],
        trace: false,
      },
    ],
    workloads: [{ label: 'port-io', name: 'port-io', parameters: {}, timeoutSeconds: 1 }],
  });
  for (let index = 0; index < jobs; index += 1) {
    const { job } = await acceptJob(store, {
      request: jobRequest({ name: `${project} ${index}`, project }),
      plan,
      requestDigest: 'd',
    });
    await store.pool.query('UPDATE job SET state = $2 WHERE id = $1', [
      job.id,
      index % 5 === 0 ? 'failed' : 'succeeded',
    ]);
  }
}

/** Inserts series of a project, named `series 0` and so on, with the same number of points each. */
export async function manySeries(
  client: Client,
  project: string,
  series: number,
  points: number,
): Promise<void> {
  for (let day = 0; day < points; day += 1) {
    const document = Object.fromEntries(
      Array.from({ length: series }, (_, index) => [
        `series ${index}`,
        { 'wall-ns': { value: 1e9 + index * 1e6 + ((day * 7) % 5) * 1e5 } },
      ]),
    );
    await client.post('/v1/imports', {
      format: 'bmf',
      project,
      variant: 'dynamic',
      commit: `c${day}`,
      committedAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      host: 'lab',
      document,
    });
  }
}
