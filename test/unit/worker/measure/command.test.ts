import { Variant } from '../../../../services/contract/variant.js';
import { WorkloadDefinition } from '../../../../services/contract/workload.js';
import { emulatorPath, runCommand } from '../../../../worker/measure/command.js';

const definition = WorkloadDefinition.parse({
  name: 'w',
  summary: '',
  targets: ['x86_64-linux-user'],
  run: { arguments: ['/workload/w'], exitStatus: 0, timeoutSeconds: 5 },
});
const workload = { label: 'w', name: 'w', parameters: {}, timeoutSeconds: 5 };
const added = (variant: object) => {
  const command = runCommand(
    'x86_64-linux-user',
    Variant.parse({ name: 'v', backend: null, trace: false, ...variant }),
    workload,
    definition,
  );
  return command.slice(command.indexOf('/opt/qemu/bin/qemu-x86_64') + 1, -1);
};

test('a plugin is loaded with its arguments, and what it prints is let through', () => {
  expect(added({ mode: 'plugin', plugin: 'mem', arguments: ['inline=on', 'track=r'] })).toEqual([
    '-plugin',
    'file=/instrumentation/plugin.so,inline=on,track=r',
    '-d',
    'plugin',
  ]);
});

test('a program that QEMU runs under comes before QEMU', () => {
  const command = runCommand(
    'x86_64-linux-user',
    Variant.parse({ name: 'v', mode: 'none', backend: null, trace: false }),
    workload,
    definition,
    ['valgrind', '--tool=callgrind'],
  );

  expect(command).toEqual([
    'valgrind',
    '--tool=callgrind',
    '/opt/qemu/bin/qemu-x86_64',
    '/workload/w',
  ]);
});

test('the reference has no arguments of ours', () => {
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
