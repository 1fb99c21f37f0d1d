// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import { Variant } from '#contract/variant.js';
import { WorkloadDefinition } from '#contract/workload.js';
import { emulatorPath, linkOf, runCommand, runEnvironment } from '#worker/measure/command.js';
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
