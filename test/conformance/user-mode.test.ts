// SPDX-License-Identifier: GPL-2.0-or-later
import { pluginCounts } from '#worker/measure/output/plugin-output.js';
import { runIn } from '#support/qemu.js';
import {
  BUILD_LIMIT_MS,
  InstrumentedBuilds,
  library,
  longSuiteVersions,
} from '#support/instrumented-builds.js';
import type { Build } from '#contract/build.js';

const emulator = '/opt/qemu/bin/qemu-x86_64';
const EVENTS = ['guest_syscall_enter', 'guest_block_exec', 'guest_mem_access'];
/** Address of the data of the program `values`. */
const VALUES = '0x600000';
/** QEMU loads CS and SS from the guest's table before its first instruction: two loads and a store each. */
const SEGMENTS = 6n;

describe.each(longSuiteVersions)('user mode of QEMU %s', (version) => {
  const builds = new InstrumentedBuilds(version);
  let build: Build;
  beforeAll(async () => {
    await builds.prepareInputs('x86_64-linux-user');
    build = await builds.build('dynamic', null, EVENTS);
    for (const name of ['arguments', 'switching', 'values']) await builds.compileFor(name, build);
    builds.assemble('values', 'qemu/test/guest/values-x86_64.s', {
      as: '--64',
      ld: `-m elf_x86_64 -Tdata ${VALUES}`,
    });
    await builds.compileGuest('fork', 'qemu/test/guest/fork.c');
  }, BUILD_LIMIT_MS);
  afterAll(() => builds.remove());

  const run = (...command: string[]) => runIn(build.image, command, builds.mounts);

  test.each([
    ['-instr', [emulator, '-instr', 'file=/libraries/arguments.so,arg=one,arg=two=2', '/bin/true']],
    [
      'QEMU_INSTR',
      ['env', 'QEMU_INSTR=file=/libraries/arguments.so,arg=one,arg=two=2', emulator, '/bin/true'],
    ],
  ])(
    '%s loads a library with its arguments, and qi_fini runs when the guest exits',
    (_, command) => {
      const { status, output } = run(...command);

      expect([status, output]).toEqual([
        0,
        expect.stringMatching(/^INIT 2 \[one\] \[two=2\]\nFINI after [1-9]\d* calls\n$/),
      ]);
    },
  );

  // The kernel ends a newer QEMU at once by signals that dump no core, as it has no handler for them.
  test.each([
    ['exit 7', 7],
    ...(version === '7.2' ? [['kill -TERM $$', 128 + 15] as const] : []),
    ['kill -SEGV $$', 128 + 11],
  ] as const)("after `%s`, qi_fini has run and the status is the guest's", (script, expected) => {
    const { status, output } = run(
      'sh',
      '-c',
      `${emulator} -instr /libraries/arguments.so /bin/sh -c '${script}' 2>&1; exit $?`,
    );

    expect([status, output]).toEqual([
      expected,
      expect.stringMatching(
        /^INIT 0\n(qemu: uncaught target signal .*\n)?FINI after [1-9]\d* calls\n/,
      ),
    ]);
  });

  test('a guest with threads forks', () => {
    const { status, output } = run(emulator, '-instr', '/libraries/arguments.so', '/guest/fork');

    expect([status, output]).toEqual([
      0,
      expect.stringMatching(/^INIT 0(\nFINI after \d+ calls){2}\n$/),
    ]);
  });

  test('QEMU ends with a message if the library is missing', () => {
    const { status, output } = run('env', 'QEMU_INSTR=/none.so', emulator, '/bin/true');

    expect([status, output]).toEqual([
      1,
      expect.stringContaining('cannot load instrumentation library: /none.so'),
    ]);
  });

  test('a callback of guest code switches its event off, and another one on, while the code runs', () => {
    const { status, output } = run(emulator, ...library('switching'), '/bin/sh', '-c', 'exit 7');

    const [, blocks, accesses] = /^BLOCKS (\d+) ACCESSES (\d+)$/m.exec(output)!;
    expect(status).toBe(7);
    expect(Math.min(Number(blocks), Number(accesses))).toBeGreaterThan(1000);
  });

  test(
    "every access of a 64-bit program has the memory's value, and is one that QEMU's plugin sees",
    async () => {
      const guest = ['-cpu', 'max', '/guest/values'];
      const { status, output } = run(emulator, ...library('values', VALUES), ...guest);
      const plugin = await builds.addPlugin('mem', build, ['callback=on']);
      const seen = run(emulator, ...plugin, '-d', 'plugin', ...guest);
      const [count] = pluginCounts('mem', seen.output);
      // With two threads, helpers of QEMU do the atomic operations; 7.2's plugin is called once for
      // each of the seven.
      const together = version === '7.2' ? 7n : 0n;
      const total = count!.value + together + SEGMENTS;

      expect([status, output.trim().split('\n')]).toEqual([
        0,
        [...accesses(version, 1), ...accesses(version, 2), `TOTAL ${total}`],
      ]);
    },
    BUILD_LIMIT_MS,
  );
});

/** The accesses of the program `values` with one thread or two, up to 16 bytes wide. */
function accesses(version: string, threads: 1 | 2): string[] {
  const [low, high] = ['123456789abcdef', 'fedcba9876543210'];
  // 7.2 accesses 16 bytes in two halves, except in helpers.
  const wide = (access: string, upper: string, halves: boolean) =>
    halves ? [`${access} 8 ${low}`, `${access} 8 ${upper}`] : [`${access} 16 ${low} ${upper}`];
  const old = version === '7.2';
  const update = (size: number, before: string, now: string) => [
    `load ${size} ${before}`,
    `store ${size} ${now}`,
  ];
  return [
    ...['store 1 88', 'store 2 7788', 'store 4 55667788', 'store 8 1122334455667788'],
    ...['load 1 88', 'load 4 55667788'],
    ...['store 4 55667788', 'load 4 55667788'],
    ...['store 8 1122334455667788', 'load 8 1122334455667788', 'store 2 7788', 'load 2 7788'],
    'store 8 1122334455667788',
    ...update(1, '88', '77'),
    'load 2 7777',
    ...update(2, '7777', '8889'),
    ...update(8, '1122334455668889', '1122334455668888'),
    ...update(1, '88', '77'),
    ...update(8, '1122334455668877', '9122334455668877'),
    ...update(2, '8877', '8876'),
    ...wide('store', high, old),
    ...wide('load', high, old && threads === 1),
    ...wide('store', '0', old && threads === 1),
    ...['store 1 ef', 'store 1 cd'],
  ];
}
