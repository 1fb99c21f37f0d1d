// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs of `npm run bench:events`: an event, a way to handle it, a guest.
import { join } from 'node:path';
import { readFolder, type TarFile } from '#worker/build/tar.js';

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

export interface Line {
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
export const LINES: readonly Line[] = [
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
