// SPDX-License-Identifier: GPL-2.0-or-later
import { readFile } from 'node:fs/promises';
import { jobEvents } from '#cli/event-stream.js';
import type { Job } from '#contract/job.js';
import type { TraceList } from '#contract/trace.js';
import { withService } from '../service.js';

export interface RealTrace {
  readonly file: Buffer;
  readonly eventsFile: string;
}

const REQUEST = {
  name: 'trace for the benchmark',
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['exec_tb', 'memory_region_ops_read', 'memory_region_ops_write'],
  variants: ['none', { mode: 'backend', backend: 'simple', trace: true }],
  workloads: [{ name: 'linux-boot' }],
  blocks: 6,
};

/** Returns the named files, or a trace that QEMU's simple backend records during a Linux boot. */
export async function realTrace(files: readonly string[]): Promise<RealTrace> {
  if (files.length === 2)
    return { file: await readFile(files[0]!), eventsFile: await readFile(files[1]!, 'utf8') };
  let found: RealTrace | null = null;
  await withService(async (client) => {
    const job = await client.post<Job>('/v1/jobs', REQUEST);
    for await (const { body } of jobEvents(client, job.id)) {
      if (body.type === 'state' && body.error !== null)
        throw new Error(`${body.error.code}: ${body.error.message}`);
    }
    const { traces } = await client.get<TraceList>(`/v1/traces?jobId=${job.id}`);
    const path = `/v1/traces/${traces[0]!.id}`;
    found = {
      file: Buffer.from(await (await client.open(`${path}/raw`)).arrayBuffer()),
      eventsFile: await (await client.open(`${path}/events-file`)).text(),
    };
  });
  return found!;
}
