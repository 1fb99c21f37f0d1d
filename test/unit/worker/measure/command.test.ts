// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import { Variant } from '#contract/variant.js';
import { WorkloadDefinition } from '#contract/workload.js';
import {
  emulatorPath,
  linkOf,
  requestedInvocation,
  runCommand,
  runEnvironment,
} from '#worker/measure/command.js';
import { plannedWorkload } from '#support/job-plan.js';

const definition = WorkloadDefinition.parse({
  name: 'w',
  summary: '',
  targets: ['x86_64-linux-user'],
  run: { arguments: ['/workload/w'], exitStatus: 0, timeoutSeconds: 5 },
});
const variantOf = (variant: object) =>
  Variant.parse({ name: 'v', mode: 'none', backend: null, trace: false, ...variant });
/** The command of a run of `w` on a build with 16 links, with optional overrides. */
const commandOf = (
  run: Partial<Parameters<typeof runCommand>[0]>,
  sizeValue: number | null = null,
) =>
  runCommand(
    { variant: variantOf({}), workload: plannedWorkload(), link: null, wrapper: [], ...run },
    {
      target: 'x86_64-linux-user',
      definition,
      build: { links: 16 } as Build,
      sizeValue,
    },
  );
const added = (variant: object) => commandOf({ variant: variantOf(variant) }).slice(1, -1);

test('a plugin is loaded with its arguments, and its output is passed through', () => {
  expect(added({ mode: 'plugin', plugin: 'mem', arguments: ['inline=on', 'track=r'] })).toEqual([
    '-plugin',
    'file=/instrumentation/plugin.so,inline=on,track=r',
    '-d',
    'plugin',
  ]);
});

test('a backend that records gets the events, and only one with a file of its own gets that', () => {
  const events = '/instrumentation/events';
  const backend = (name: string, record?: boolean) =>
    added({ mode: 'backend', backend: name, ...(record === undefined ? {} : { record }) });

  expect(backend('simple')).toEqual(['-trace', `events=${events},file=/output/trace`]);
  expect(backend('log', true)).toEqual(['-trace', `events=${events}`, '-D', '/output/trace']);
  for (const name of ['ust', 'dtrace', 'ftrace', 'syslog'])
    expect(backend(name)).toEqual(['-trace', `events=${events}`]);
  for (const name of ['simple', 'log', 'ust', 'dtrace', 'ftrace', 'syslog'])
    expect(backend(name, false)).toEqual([]);
});

test('a program that wraps QEMU precedes QEMU', () => {
  expect(commandOf({ wrapper: ['valgrind', '--tool=callgrind'] })).toEqual([
    'valgrind',
    '--tool=callgrind',
    '/opt/qemu/bin/qemu-x86_64',
    '/workload/w',
  ]);
});

test("the size's value replaces the parameter, and other parameters stay", () => {
  const workload = plannedWorkload('w', {
    parameters: { length: 100, rounds: 3 },
    size: { parameter: 'length', empty: 1, full: null, minimum: 1, maximum: 1_000 },
  });
  const commandWith = (sizeValue: number | null) =>
    runCommand(
      { variant: variantOf({}), workload, link: null, wrapper: [] },
      {
        target: 'x86_64-linux-user',
        definition: WorkloadDefinition.parse({
          ...definition,
          run: { ...definition.run, arguments: ['{length}', '{rounds}', '{other}'] },
        }),
        build: { links: 1 } as Build,
        sizeValue,
      },
    ).slice(1);

  expect(commandWith(42)).toEqual(['42', '3', '{other}']);
  expect(commandWith(null)).toEqual(['100', '3', '{other}']);
});

test('blocks use the links of a build in turn, and a build with one link always that one', () => {
  expect([0, 15, 16, 33].map((turn) => linkOf({ links: 16 }, turn))).toEqual([0, 15, 0, 1]);
  expect(linkOf({ links: 1 }, 5)).toBeNull();
  expect(linkOf({ links: 16 }, null)).toBeNull();
  expect(commandOf({ link: 17 })[0]).toBe('/opt/qemu/bin/qemu-x86_64.01');
});

test('the padding of the environment has the requested length', () => {
  const { QIBENCH_PADDING: padding, ...others } = runEnvironment(300);

  expect(padding).toHaveLength(300);
  expect(runEnvironment(0)).toEqual({ ...others, QIBENCH_PADDING: '' });
});

test('the reference has none of our arguments', () => {
  expect(added({ mode: 'none' })).toEqual([]);
});

test('a link of an emulator lies beside the emulator as it was built', () => {
  expect([null, 0, 15, 100].map((link) => emulatorPath('x86_64-softmmu', link))).toEqual([
    '/opt/qemu/bin/qemu-system-x86_64',
    '/opt/qemu/bin/qemu-system-x86_64.00',
    '/opt/qemu/bin/qemu-system-x86_64.15',
    '/opt/qemu/bin/qemu-system-x86_64.100',
  ]);
});

test('arguments of an instrumentation arrive in dynamic and in static mode', () => {
  const words = ['10', 'name=a,b', ''];

  expect(added({ mode: 'dynamic', arguments: words })).toEqual([
    '-instr',
    'file=/instrumentation/libtrace-instrument.so,arg=10,arg=name=a,,b,arg=',
  ]);
  expect(added({ mode: 'static', arguments: words })).toEqual([
    '-instr',
    'arg=10,arg=name=a,,b,arg=',
  ]);
  expect(added({ mode: 'static' })).toEqual([]);
});

test("user mode gets the request's arguments before the program, a system emulator after all", () => {
  const workload = plannedWorkload('w', { qemu: { arguments: ['-cpu', 'max'] } });
  const variant = variantOf({ qemu: { arguments: ['-B', '0x1000'] } });
  const on = (target: 'x86_64-linux-user' | 'x86_64-softmmu') =>
    runCommand(
      { variant, workload, link: null, wrapper: [] },
      {
        target,
        definition,
        qemu: { arguments: ['-L', '/x'] },
        build: { links: 1 } as Build,
        sizeValue: null,
      },
    ).slice(1);
  const requested = ['-L', '/x', '-cpu', 'max', '-B', '0x1000'];

  expect(on('x86_64-linux-user')).toEqual([...requested, '/workload/w']);
  expect(on('x86_64-softmmu')).toEqual(['/workload/w', ...requested]);
});

test('placeholders are swept values and parameters; a variant sets its own parameters', () => {
  const run = {
    workload: plannedWorkload('w', {
      parameters: { length: 100, rounds: 3 },
      size: { parameter: 'length', empty: 1, full: null, minimum: 1, maximum: 1_000 },
      swept: { smp: 4 },
      qemu: {
        arguments: ['-smp', '{smp}', '-x', '{length}/{rounds}/{limit}', '{"a":{b}}'],
        environment: { COUNT: '{rounds}' },
        stdin: '{smp}',
      },
    }),
    variant: variantOf({
      mode: 'static',
      arguments: ['{limit}', '{smp}'],
      swept: { limit: 'x,y' },
      parameters: { rounds: 7 },
    }),
  };

  expect(requestedInvocation(run, { sizeValue: 42 })).toEqual({
    arguments: ['-smp', '4', '-x', '42/7/x,y', '{"a":{b}}'],
    environment: { COUNT: '7' },
    stdin: '{smp}',
  });
  expect(commandOf(run, 42).slice(1, 3)).toEqual(['-instr', 'arg=x,,y,arg=4']);
});

test('variables of the request come before the padding and can replace the path', () => {
  expect(Object.entries(runEnvironment(1, { PATH: '/x', A: 'b' }))).toEqual([
    ['PATH', '/x'],
    ['A', 'b'],
    ['QIBENCH_PADDING', 'x'],
  ]);
});

test('counting the instructions of a guest keeps a clock that the request sets', () => {
  const counter = variantOf({ name: 'guest-instructions', mode: 'plugin', plugin: 'insn' });
  const clocksWith = (words: string[]) =>
    runCommand(
      {
        variant: counter,
        workload: plannedWorkload('w', { qemu: { arguments: words } }),
        link: null,
        wrapper: [],
      },
      { target: 'x86_64-softmmu', definition, build: { links: 1 } as Build, sizeValue: null },
    ).filter((word) => /^shift=/.test(word));

  expect(clocksWith([])).toEqual(['shift=0,sleep=off']);
  expect(clocksWith(['-icount', 'shift=7'])).toEqual(['shift=7']);
});
