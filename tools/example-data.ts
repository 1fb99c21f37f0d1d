// SPDX-License-Identifier: GPL-2.0-or-later
// Fills a running service with data for its pages, and prints the pages for tools/screenshots.ts:
//   node dist/tools/screenshots.js URL docs/images $(node dist/tools/example-data.js URL)
// The jobs are real jobs on real QEMU: a quiet machine gives good pictures.
import { createHash } from 'node:crypto';
import { Client } from '#cli/client.js';
import { jobEvents } from '#cli/event-stream.js';
import type { Job } from '#contract/job.js';
import type { TraceList } from '#contract/trace.js';
import { random } from '#statistics/random.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';

const DAYS = 60;
const PROJECT = 'qemu-fork';

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: example-data URL');
const client = new Client(url);
const commit = (name: string) => createHash('sha1').update(name).digest('hex');

async function finish(request: unknown): Promise<Job> {
  const { id } = await client.post<Job>('/v1/jobs', request);
  for await (const _ of jobEvents(client, id)) void _;
  const job = await client.get<Job>(`/v1/jobs/${id}`);
  console.error(`${job.name}: ${job.state}`);
  return job;
}

/**
 * A history with two level shifts of one workload, one shift of another that a mark explains, and
 * three workloads without any.
 */
async function importHistory(): Promise<void> {
  const next = random(3);
  const measured = (ns: number) => {
    const value = ns * (1 + 0.008 * (next() - 0.5));
    return {
      'wall-ns': {
        value,
        lower_value: value * (1 - 0.004 - 0.006 * next()),
        upper_value: value * (1 + 0.004 + 0.006 * next()),
      },
    };
  };
  for (let day = 0; day < DAYS; day += 1) {
    const document = {
      'port-io': measured(164e6 * (day < 26 ? 1 : day < 44 ? 1.086 : 1.044)),
      quicksort: measured(840e6 * (day < 30 ? 1 : 0.95)),
      boot: measured(2.41e9),
      matmult: measured(1.2e9),
      'disk read': measured(530e6),
    };
    await client.post('/v1/imports', {
      format: 'bmf',
      project: PROJECT,
      variant: 'dynamic',
      commit: commit(`day ${day}`),
      committedAt: at(day),
      host: 'lab-1 (EPYC 7313)',
      document,
    });
  }
  await client.post('/v1/marks', {
    project: PROJECT,
    branch: 'main',
    at: at(30),
    reason: 'GCC 14',
  });
}

function at(day: number): string {
  return new Date(Date.UTC(2026, 7, 1 + day)).toISOString();
}

await importHistory();
const { digest } = await uploadFiles(client, await readFolder('qemu/examples/count'));
const { digest: broken } = await uploadFiles(client, [
  { path: 'instrument.c', content: '#include <qemu-instr/events.h>\nint broken(\n' },
]);
const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  instrumentation: digest,
  project: PROJECT,
  commit: commit('head'),
};
const portIo = [{ name: 'port-io' }];
await finish({
  ...usual,
  name: 'does not compile',
  instrumentation: broken,
  variants: ['none', 'dynamic'],
  workloads: portIo,
});
const same = await finish({
  ...usual,
  name: 'A/A of port-io',
  variants: ['none', 'dynamic'],
  workloads: portIo,
  baseline: 'same',
});
const main = await finish({
  ...usual,
  name: 'what a port write costs',
  variants: [
    'none',
    'idle',
    'dynamic',
    'static',
    { mode: 'backend', backend: 'simple', trace: true },
  ],
  workloads: portIo,
  measure: { threshold: 0.01, within: '3m' },
});
const { traces } = await client.get<TraceList>(`/v1/jobs/${main.id}/traces`);

const pages = {
  jobs: '/',
  submit: '/submit',
  job: `/jobs/${main.id}`,
  comparison: `/jobs/${main.id}/compare`,
  same: `/jobs/${same.id}/compare`,
  trace: `/traces/${traces[0]!.id}`,
  hosts: '/hosts',
  history: `/history?project=${PROJECT}&branch=main&workload=port-io&variant=dynamic&metric=wallNs`,
};
console.log(
  Object.entries(pages)
    .map(([name, path]) => `${name}=${path}`)
    .join(' '),
);
