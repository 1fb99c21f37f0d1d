// What an event costs, per way to handle it: `npm run bench:events`. One qibench job per line of JOBS; ratios are to
// `none` of the same job. Prints the table of docs/instrumentation.md. With numbers as arguments, only those lines of JOBS.
import { join } from 'node:path';
import type { Client } from '../../services/cli/client.js';
import { jobEvents } from '../../services/cli/event-stream.js';
import type { Comparison } from '../../services/contract/comparison.js';
import type { Job } from '../../services/contract/job.js';
import { readFolder, type TarFile } from '../../worker/build/tar.js';
import { uploadFiles } from '../upload.js';
import { withService } from './service.js';

const BLOCKS = 12;
const rootDir = process.cwd();
const example = (name: string) => readFolder(join(rootDir, 'qemu/examples', name));

/** The count example with its callbacks linked in, not inlined. */
async function countByCall(): Promise<TarFile[]> {
  const files = (await example('count')).filter(({ path }) => path !== 'events-pre.h');
  return files.map(({ path, content }) => {
    if (path === 'events-post.h')
      return { path: 'callbacks.h', content: String(content).replace('static inline', '') };
    if (path !== 'instrument.c') return { path, content };
    return {
      path,
      content: String(content).replace(
        /#if defined\(QI_TYPE_DYNAMIC\)\n#include "events-post.h"\n#endif/,
        '#include "callbacks.h"',
      ),
    };
  });
}

const system = { version: '7.2', target: 'x86_64-softmmu' };
const user = { version: '7.2', target: 'x86_64-linux-user' };
const portIo = (writes: number) => [{ name: 'port-io', parameters: { writes } }];
const programs = [{ name: 'matmult', parameters: { size: 300 } }, { name: 'quicksort' }];
const linux = [{ name: 'linux-boot' }];
const write = ['memory_region_ops_write'];
const inline = { mode: 'static', name: 'static-inline' };
const plugin = (name: string, way: string, argument: string) => ({
  mode: 'plugin',
  name: `plugin-${name}-${way}`,
  plugin: name,
  arguments: [argument],
});
const byPlugin: Record<string, object[]> = {
  guest_block_exec: [plugin('bb', 'callback', 'inline=off'), plugin('bb', 'inline', 'inline=on')],
  guest_mem_access: [
    plugin('mem', 'callback', 'callback=on'),
    plugin('mem', 'inline', 'inline=on'),
  ],
};

/** What is compared with what. `none` of the same line is what ratios are to. Runs of a tenth of a second get more blocks. */
const JOBS: { code: string; files: () => Promise<TarFile[]>; request: object }[] = [
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: system,
      events: write,
      workloads: portIo(2_000_000),
      variants: ['none', 'idle', 'dynamic', inline],
      blocks: 40,
    },
  },
  {
    code: 'count',
    files: countByCall,
    request: {
      qemu: system,
      events: write,
      workloads: portIo(2_000_000),
      variants: ['none', { mode: 'static', name: 'static-call' }],
      blocks: 40,
    },
  },
  {
    code: 'record',
    files: () => example('record'),
    request: {
      qemu: system,
      events: write,
      workloads: portIo(500_000),
      variants: ['none', { mode: 'dynamic', trace: true }, { mode: 'static', trace: true }],
    },
  },
  {
    code: '',
    files: () => example('count'),
    request: {
      qemu: system,
      events: write,
      workloads: portIo(500_000),
      variants: [
        'none',
        { mode: 'backend', backend: 'simple', trace: true },
        { mode: 'backend', backend: 'log' },
      ],
    },
  },
  ...['guest_block_exec', 'guest_mem_access'].map((event) => ({
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: user,
      events: [event],
      workloads: programs,
      variants: ['none', 'idle', 'dynamic', inline, ...byPlugin[event]!],
      blocks: 24,
    },
  })),
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: user,
      events: ['guest_syscall_enter'],
      workloads: programs,
      variants: ['none', 'idle', 'dynamic', inline],
      blocks: 40,
    },
  },
  {
    code: 'cache',
    files: () => example('cache'),
    request: {
      qemu: user,
      events: ['guest_mem_access'],
      workloads: programs,
      variants: ['none', 'dynamic', inline],
    },
  },
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: system,
      events: ['exec_tb'],
      workloads: linux,
      variants: [
        'none',
        'idle',
        'dynamic',
        inline,
        { mode: 'backend', backend: 'simple' },
        { mode: 'backend', backend: 'log' },
      ],
      blocks: 10,
    },
  },
  {
    code: 'record',
    files: () => example('record'),
    request: {
      qemu: system,
      events: ['exec_tb'],
      workloads: linux,
      variants: ['none', { mode: 'dynamic', trace: true }, { mode: 'static', trace: true }],
      blocks: 10,
    },
  },
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: system,
      events: ['guest_block_exec'],
      workloads: linux,
      variants: ['none', 'dynamic', inline, ...byPlugin.guest_block_exec!],
      blocks: 10,
    },
  },
];
const only = process.argv.slice(2).map(Number);

async function compare(client: Client, request: object): Promise<Comparison> {
  const job = await client.post<Job>('/v1/jobs', request);
  for await (const { body } of jobEvents(client, job.id)) {
    if (body.type === 'state' && body.error !== null)
      throw new Error(`${body.error.code}: ${body.error.message}`);
  }
  return client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
}

await withService(async (client) => {
  process.stdout.write(
    '| workload | events | code | variant | median wall | ratio to none | events per run | ns/event | dropped |\n|---|---|---|---|---|---|---|---|---|\n',
  );
  for (const [index, { code, files, request }] of JOBS.entries()) {
    if (only.length > 0 && !only.includes(index)) continue;
    const { digest } = await uploadFiles(client, await files());
    const { rows } = await compare(client, {
      name: 'cost of an event',
      blocks: BLOCKS,
      instrumentation: digest,
      ...request,
    });
    for (const row of rows) {
      const ratio =
        row.ratio === null
          ? '1'
          : `${row.ratio.ratio.toFixed(3)} [${row.ratio.low.toFixed(3)}, ${row.ratio.high.toFixed(3)}]`;
      const cells = [
        row.workload,
        (request as { events: string[] }).events.join(' '),
        row.variant === 'none' ? '' : code,
        row.variant,
        `${(row.medianWallNs / 1e6).toFixed(1)} ms`,
        ratio,
        row.events ?? '',
        row.nsPerEvent?.value.toFixed(1) ?? '',
        row.recordsDropped ?? '',
      ];
      process.stdout.write(`| ${cells.join(' | ')} |\n`);
    }
  }
});
process.exit(0);
