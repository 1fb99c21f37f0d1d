// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOfFolder } from '#worker/build/digest.js';
import { compileInstrumentation } from '#worker/build/instrumentation.js';
import { readFolder } from '#worker/build/tar.js';
import { buildVariant } from '#worker/build/variant.js';
import { ensureRunner, ensureToolchain } from '#worker/build/images.js';
import { ensureSource } from '#worker/build/source.js';
import { readVersions } from '#worker/build/versions.js';
import { testContext } from '#support/context.js';
import { runIn } from '#support/qemu.js';

const BUILD_LIMIT_MS = 2_400_000;
const VERSION = '7.2';
const rootDir = process.cwd();
const context = testContext(rootDir, { 'qibench.test': String(process.pid) });
const scratch = mkdtempSync(join(tmpdir(), 'qibench-user-mode-'));
const emulator = '/opt/qemu/bin/qemu-x86_64';
let image: string;

beforeAll(async () => {
  const entry = (await readVersions(rootDir))[VERSION]!;
  const toolchain = await ensureToolchain(context, entry);
  const inputs = {
    version: VERSION,
    entry,
    toolchain,
    runner: await ensureRunner(context, entry),
    source: await ensureSource(context, VERSION, entry, toolchain),
    target: 'x86_64-linux-user',
    events: ['guest_syscall_enter'],
    instrumentation: null,
  } as const;
  const build = await buildVariant(
    context,
    inputs,
    {
      name: 'dynamic',
      side: 'head',
      mode: 'dynamic',
      backend: null,
      plugin: null,
      arguments: [],
      trace: false,
    },
    1,
  );
  const folder = join(rootDir, 'qemu/test/arguments');
  const { content } = await compileInstrumentation(context, {
    toolchain: toolchain.tag,
    build,
    instrumentation: { digest: await digestOfFolder(folder), files: await readFolder(folder) },
  });
  mkdirSync(join(scratch, 'libraries'));
  writeFileSync(join(scratch, 'libraries/arguments.so'), content, { mode: 0o755 });
  image = build.image;
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await context.backend.sweep(context.labels);
  rmSync(scratch, { recursive: true, force: true });
});

const run = (...command: string[]) =>
  runIn(image, command, [{ folder: join(scratch, 'libraries'), at: '/libraries' }]);

test.each([
  ['-instr', [emulator, '-instr', 'file=/libraries/arguments.so,arg=one,arg=two=2', '/bin/true']],
  [
    'QEMU_INSTR',
    ['env', 'QEMU_INSTR=file=/libraries/arguments.so,arg=one,arg=two=2', emulator, '/bin/true'],
  ],
])(
  'user mode: %s loads a library with its arguments, and qi_fini runs when the guest exits',
  (_, command) => {
    const { status, output } = run(...command);

    expect([status, output]).toEqual([
      0,
      expect.stringMatching(/^INIT 2 \[one\] \[two=2\]\nFINI after [1-9]\d* calls\n$/),
    ]);
  },
);

test("user mode: the status stays the guest's", () => {
  const { status, output } = run(
    emulator,
    '-instr',
    '/libraries/arguments.so',
    '/bin/sh',
    '-c',
    'exit 7',
  );

  expect([status, output]).toEqual([
    7,
    expect.stringMatching(/^INIT 0\nFINI after [1-9]\d* calls\n$/),
  ]);
});

test('user mode: QEMU ends with a message if the library is missing', () => {
  const { status, output } = run('env', 'QEMU_INSTR=/none.so', emulator, '/bin/true');

  expect([status, output]).toEqual([
    1,
    expect.stringContaining('cannot load instrumentation library: /none.so'),
  ]);
});
