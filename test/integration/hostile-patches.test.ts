// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { ErrorCode } from '#contract/error.js';
import { BUILD_LIMITS, type Limits } from '#worker/step-context.js';
import { ensureTree } from '#worker/build/tree.js';
import { ensureToolchain } from '#worker/build/images.js';
import { patchSource, type Source } from '#worker/build/patched.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions, type VersionEntry } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';

/** Patches may change any script of QEMU's build: configure, meson's files, code generators. */

const MIB = 1024 ** 2;
const labels = { 'qibench.test': `patches-${process.pid}` };
let logged = '';
const base = testContext(process.cwd(), labels);
const contextWith = (tree: Limits) => ({
  ...base,
  limits: { ...BUILD_LIMITS, tree },
  progress: { ...base.progress, log: (_: unknown, text: string) => void (logged += text) },
});
/** Low limits, so that an attack ends soon. */
const SMALL = { timeMs: 8_000, memoryBytes: 256 * MIB, diskBytes: 96 * MIB, pids: 64 };

/** Stands for Postgres, Redis and Docker, which listen on the host. */
const listener = createServer((socket) => socket.end('in'));
let port: number;
let entry: VersionEntry;
let toolchain: { tag: string; key: string };
let source: Source;

beforeAll(async () => {
  entry = (await readVersions(process.cwd()))['7.2']!;
  toolchain = await ensureToolchain(base, entry);
  source = await ensureSource(base, '7.2', entry, toolchain);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  ({ port } = listener.address() as AddressInfo);
}, 1_200_000);
afterAll(async () => {
  listener.close();
  await base.backend.sweep(labels);
});
beforeEach(() => void (logged = ''));
afterEach(() =>
  expect(
    execFileSync(
      'docker',
      ['ps', '-aq', '--filter', `label=qibench.test=${labels['qibench.test']}`],
      { encoding: 'utf8' },
    ),
  ).toBe(''),
);

/** A patch that inserts lines after the first line of a script. */
const behindFirst = (file: string, first: string, lines: readonly string[]) =>
  `--- a/${file}\n+++ b/${file}\n@@ -1,1 +1,${lines.length + 1} @@\n ` +
  `${first}\n${lines.map((line) => `+${line}\n`).join('')}`;
const inConfigure = (script: string) => behindFirst('configure', '#!/bin/sh', script.split('\n'));
/** Replaces meson's output: a rule that runs the script like a generator. */
const inNinja = (command: string) =>
  inConfigure(
    `cat > generate.sh <<'END'\n${command}\nEND\nprintf 'rule generate\\n  command = sh ` +
      `generate.sh\\nbuild qemu-system-x86_64 trace/trace-events-all: generate\\n' > ` +
      `build.ninja\nexit 0`,
  );

let series = 0;
async function build(
  patch: string,
  limits: Limits = SMALL,
): Promise<{ code: string; kind?: string; message: string }> {
  const context = contextWith(limits);
  const patches = {
    digest: `sha256:patch-${process.pid}-${(series += 1)}`,
    files: [{ path: '0001-attack.patch', content: patch }],
  };
  const patched = await patchSource(context, '7.2', source, patches);
  try {
    await ensureTree(
      context,
      {
        version: '7.2',
        entry,
        source: patched,
        toolchain,
        target: 'x86_64-softmmu',
        backends: ['log'],
      },
      'none',
    );
    return { code: 'built', message: '' };
  } catch (error) {
    return error as { code: string; kind: string; message: string };
  } finally {
    await base.backend.evict(patched.tag, 'image');
  }
}

const compile = (code: string) => `printf '%s\\n' '${code}' | cc -xc -c -o /dev/null -`;

test.each<[string, string, ErrorCode[], RegExp]>([
  [
    'a configure that never ends',
    inConfigure('while :; do :; done'),
    ['OVER_LIMIT'],
    /limit of 8 s/,
  ],
  [
    'a fork bomb',
    inConfigure('bash -c ":(){ :|:& };:"; sleep 60'),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /./,
  ],
  [
    'a memory hog',
    inConfigure('tail /dev/zero; exit 1'),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /bytes of memory|Killed|config.log/,
  ],
  [
    'files without end',
    inConfigure('i=0; while :; do i=$((i+1)); head -c 8M /dev/zero > $i; done'),
    ['OVER_LIMIT'],
    /bytes of disk/,
  ],
  ['a flood of output', inConfigure('yes "x.c:1: error: x"'), ['OVER_LIMIT'], /limit of 8 s/],
  [
    'a compiler that never ends',
    inConfigure(
      compile(
        '#define A0 ' +
          `x,x\n${Array.from({ length: 40 }, (_, n) => `#define A${n + 1} A${n},A${n}`).join('\n')}\nint ` +
          'a[] = { A40 };',
      ) + '; exit 1',
    ),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /./,
  ],
  [
    "the password file of the build's user",
    inConfigure(
      `${compile('__asm__(".incbin \\"/etc/shadow\\"");')}; ${compile('#include "/etc/shadow"')}; exit 1`,
    ),
    ['COMPILE_FAILED'],
    /./,
  ],
  [
    'a generator that kills its ninja',
    inNinja('kill -9 $(cut -d" " -f4 /proc/$PPID/stat); kill -9 $PPID'),
    ['COMPILE_FAILED'],
    /./,
  ],
  ['a generator that never ends', inNinja('sleep 600'), ['OVER_LIMIT'], /limit of 8 s/],
  [
    'a generator that takes all memory',
    inNinja('tail /dev/zero'),
    ['OVER_LIMIT', 'COMPILE_FAILED'],
    /bytes of memory|Killed|failed/,
  ],
])(
  "%s ends soon as an error of the patches' author, and leaves nothing",
  async (_, patch, codes, message) => {
    const startedMs = performance.now();
    const result = await build(patch);

    expect(codes).toContain(result.code);
    expect(result.kind).toBe('user');
    expect(result.message).toMatch(message);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect(logged.length).toBeLessThan(5 * MIB);
    expect(logged).not.toMatch(/root:[*!x$]/);
  },
  90_000,
);

/** Prints its visible and reachable resources in the form of a compiler message. */
const probe = () =>
  [
    'echo "probe.c:1: error: user $(id -u), networks $(ls /sys/class/net), mounts $(grep -c ' +
      'qibench /proc/mounts)',
    `listener $(bash -c "exec 3<>/dev/tcp/127.0.0.1/${port}" 2>/dev/null && echo reached)`,
    'engine $(ls /var/run/docker.sock /run/docker.sock 2>/dev/null)',
    'written $(for file in /ccache/x /etc/x /opt/x; do touch $file 2>/dev/null && echo $file; done)',
    'rights $(grep CapBnd /proc/self/status | tr -d "\\t")."',
  ].join(', ');
const SEEN =
  'probe.c:1: user 1000, networks lo, mounts 0, listener , engine , written , rights CapBnd:0000000000000000.';

test.each([
  ['configure', () => inConfigure(`${probe()}\nexit 1`)],
  ['a generator', () => inNinja(`${probe()}; false`)],
])(
  "%s of a patched source runs in the sandbox: no network, rights, engine or other job's " +
    'files, and a read-only compiler cache',
  async (_, patch) => {
    const { code, message } = await build(patch());

    expect(code).toBe('COMPILE_FAILED');
    expect(message).toContain(SEEN);
  },
  60_000,
);

test(
  'the script that generates the code of trace events runs in the sandbox too, in the real ' +
    'build',
  async () => {
    const python =
      'import subprocess, sys; sys.exit(subprocess.call(["sh", "-c", ' +
      `${JSON.stringify(`${probe()} >&2; false`)}]))`;
    const { code, message } = await build(
      behindFirst('scripts/tracetool.py', '#!/usr/bin/env python3', [python]),
      { ...SMALL, timeMs: 600_000, memoryBytes: 2048 * MIB, diskBytes: 2048 * MIB, pids: 512 },
    );

    expect(code).toBe('COMPILE_FAILED');
    expect(message).toContain(SEEN);
  },
  900_000,
);
