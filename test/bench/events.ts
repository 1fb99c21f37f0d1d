// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the cost of an event per way to handle it: `npm run bench:events [-- --minutes N]
// [--within 2m] [--no-aa] [--state FILE] [LINE …]`. Each of LINES is one job with default settings,
// measured until its overheads are decided. An A/A job before the first job of a guest measures the
// effect of layout. Prints the tables of docs/instrumentation.md. Numbers as arguments select
// entries of LINES. The state file stores every finished job: a second run resumes, and `--minutes
// 0` only prints.
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Comparison, ComparisonRow } from '#contract/comparison.js';
import type { HostList } from '#contract/host.js';
import {
  answerWords,
  bendWords,
  movedWords,
  perEventWords,
  startWords,
} from '#contract/verdict-words.js';
import { programOptions } from '#support/program-options.js';
import { readFolder, type TarFile } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { openKept, timeBudget } from './kept.js';
import { runJob, withService } from './service.js';
import { markdownTable } from './table.js';

const { values: options, positionals } = programOptions(
  'npm run bench:events -- [--minutes N] [--within 2m] [--no-aa] [--state FILE] [LINE …]',
  {
    minutes: { type: 'string' },
    within: { type: 'string', default: '2m' },
    aa: { type: 'boolean', default: true },
    state: { type: 'string', default: join(tmpdir(), 'qibench-bench-events.json') },
  },
  true,
);
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
const portIo = [{ name: 'port-io' }];
/** Few enough writes for a trace that is soon written. */
const fewPortIo = [{ name: 'port-io', parameters: { writes: 500_000 } }];
const programs = [{ name: 'matmult' }, { name: 'quicksort' }];
/** A boot has no size: port-io beside it measures the cost of starting. */
const linux = [{ name: 'linux-boot' }, { name: 'port-io' }];
/** A boot takes seconds, and fewer than 15 boots decide nothing. */
const LINUX_WITHIN = '12m';
const write = ['memory_region_ops_write'];
const inline = { mode: 'static', name: 'static-inline' };
const generated = { mode: 'static', name: 'static-tcg' };
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

interface Line {
  readonly code: string;
  readonly files: () => Promise<TarFile[]>;
  readonly request: {
    readonly qemu: typeof system;
    readonly events: readonly string[];
    readonly workloads: readonly { readonly name: string; readonly parameters?: object }[];
    readonly variants: readonly (string | object)[];
    readonly measure?: object;
  };
}

/** The compared variants: ratios refer to `none` of the same line. */
const LINES: readonly Line[] = [
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: system,
      events: write,
      workloads: portIo,
      variants: ['none', 'idle', 'dynamic', inline],
    },
  },
  {
    code: 'count',
    files: countByCall,
    request: {
      qemu: system,
      events: write,
      workloads: portIo,
      variants: ['none', { mode: 'static', name: 'static-call' }],
    },
  },
  {
    code: 'record',
    files: () => example('record'),
    request: {
      qemu: system,
      events: write,
      workloads: fewPortIo,
      variants: ['none', { mode: 'dynamic', trace: true }, { mode: 'static', trace: true }],
    },
  },
  {
    code: '',
    files: () => example('count'),
    request: {
      qemu: system,
      events: write,
      workloads: fewPortIo,
      variants: [
        'none',
        { mode: 'backend', backend: 'simple', trace: true },
        { mode: 'backend', backend: 'log' },
        { mode: 'backend', backend: 'ust' },
      ],
    },
  },
  {
    code: '',
    files: () => example('count'),
    request: {
      qemu: system,
      events: write,
      workloads: portIo,
      variants: [
        'none',
        { mode: 'backend', backend: 'ust', record: false },
        { mode: 'backend', backend: 'dtrace', record: false },
      ],
    },
  },
  ...['guest_block_exec', 'guest_mem_access'].flatMap((event) =>
    [
      { code: 'count', variants: ['none', 'idle', 'dynamic', inline, ...byPlugin[event]!] },
      { code: 'tcg', variants: ['none', generated, ...byPlugin[event]!] },
    ].map(({ code, variants }) => ({
      code,
      files: () => example(code),
      request: { qemu: user, events: [event], workloads: programs, variants },
    })),
  ),
  {
    code: 'count',
    files: () => example('count'),
    request: {
      qemu: user,
      events: ['guest_syscall_enter'],
      workloads: programs,
      variants: ['none', 'idle', 'dynamic', inline],
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
        { mode: 'backend', backend: 'ust' },
      ],
      measure: { within: LINUX_WITHIN },
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
      measure: { within: LINUX_WITHIN },
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
      measure: { within: LINUX_WITHIN },
    },
  },
];

/** The stored results of a job. */
interface Told {
  /** The request, or the guest of an A/A job. */
  readonly key: string;
  readonly rows: readonly ComparisonRow[];
  readonly guests: HostList['hosts'][number]['guests'];
  readonly load: number;
}

const kept = await openKept<Told>(options.state, { within: options.within });
const keyOf = ({ code, request }: Line) => JSON.stringify({ code, request });
const guestOf = ({ request: { qemu, workloads } }: Line) => JSON.stringify({ qemu, workloads });
const toldOf = (key: string) => kept.records.find((record) => record.key === key);
const lines = LINES.filter(
  (_, index) => positionals.length === 0 || positionals.includes(String(index)),
);

async function tell(client: Client, key: string, request: object): Promise<void> {
  const { job } = await runJob(client, {
    name: 'cost of an event',
    measure: { within: options.within },
    ...request,
  });
  const { rows } = await client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
  const { hosts } = await client.get<HostList>('/v1/hosts');
  const guests = hosts.flatMap((host) => host.guests);
  await kept.add({ key, rows, guests, load: loadavg()[0]! });
  process.stderr.write(`${kept.records.length}: ${key}\n`);
}

function rowsOf(line: Line): string[][] {
  const rows = toldOf(keyOf(line))?.rows ?? [];
  return rows.map((row) => [
    row.workload,
    line.request.events.join(' '),
    row.variant === 'none' ? '' : line.code,
    row.variant,
    `${(row.medianWallNs / 1e6).toFixed(1)} ms`,
    answerWords(row, 'time') ?? '',
    startWords(row.cost) ?? '',
    perEventWords(row.cost) ?? '',
    [bendWords(row.cost), movedWords(row)].filter((words) => words !== null).join('; '),
    row.events ?? '',
    row.recordsDropped ?? '',
  ]);
}

/** Rows of guests: noise of the last measurement, and layout of the last A/A job. */
function guestRows(): string[][] {
  const seen = new Map<string, { noiseSd: number; layoutSd: number | null }>();
  for (const { guests } of kept.records)
    for (const { target, workload, noiseSd, layoutSd } of guests) {
      const key = `${target}: ${workload}`;
      seen.set(key, { noiseSd, layoutSd: layoutSd ?? seen.get(key)?.layoutSd ?? null });
    }
  const percent = (sd: number | null) => (sd === null ? 'not known' : `${(100 * sd).toFixed(1)} %`);
  return [...seen].map(([guest, { noiseSd, layoutSd }]) => [
    guest,
    percent(noiseSd),
    percent(layoutSd),
  ]);
}

const isSpent = timeBudget(options.minutes);
const open = () => lines.filter((line) => toldOf(keyOf(line)) === undefined);
if (!isSpent() && open().length > 0)
  await withService(async (client) => {
    for (const line of open()) {
      if (isSpent()) break;
      const { files, request } = line;
      if (options.aa && toldOf(guestOf(line)) === undefined) {
        const { qemu, workloads, measure } = request;
        await tell(client, guestOf(line), {
          qemu,
          workloads,
          variants: ['none'],
          baseline: 'same',
          ...(measure === undefined ? {} : { measure }),
        });
      }
      if (isSpent()) break;
      const { digest } = await uploadFiles(client, await files());
      await tell(client, keyOf(line), { instrumentation: digest, ...request });
    }
  });
process.stdout.write(
  markdownTable(
    [
      'workload',
      'events',
      'code',
      'variant',
      'median wall',
      'against none',
      'start, ms',
      'ns/event',
      'note',
      'events per run',
      'dropped',
    ],
    lines.flatMap(rowsOf),
  ),
);
process.stdout.write(
  `\n${markdownTable(['guest', 'noise of a pair (sd)', 'layout of a build (sd)'], guestRows())}` +
    `\nLoad average after each job: ${kept.records.map(({ load }) => load.toFixed(1)).join(', ')}.` +
    ` ${cpus().length} × ${cpus()[0]?.model}\n`,
);
process.exit(0);
