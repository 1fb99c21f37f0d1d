// SPDX-License-Identifier: GPL-2.0-or-later
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capabilities } from '#worker/host/capabilities.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'qibench-capabilities-'))));
afterEach(() => rmSync(root, { recursive: true }));

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const PARANOID = 'proc/sys/kernel/perf_event_paranoid';
const ALL = { perf: true, recorders: ['dtrace', 'ftrace', 'syslog'] };
const perf = async (lent = ALL) => (await capabilities(lent, root))[1];
const recorders = async (lent = ALL) =>
  Object.fromEntries(
    (await capabilities(lent, root)).slice(2).map(({ name, reason }) => [name, reason]),
  );

test('a machine without KVM and counters reports the reasons', async () => {
  expect((await capabilities(ALL, root)).slice(0, 2)).toEqual([
    { name: 'kvm', available: false, reason: '/dev/kvm is missing' },
    {
      name: 'perf',
      available: false,
      reason: 'the processor shows no counters, as in most virtual machines',
    },
  ]);
});

test('a machine with KVM and counters has no reasons', async () => {
  file('dev/kvm', '');
  file('sys/bus/event_source/devices/cpu/type', '4');
  file(PARANOID, '2\n');
  expect((await capabilities(ALL, root)).slice(0, 2)).toEqual([
    { name: 'kvm', available: true, reason: null },
    { name: 'perf', available: true, reason: null },
  ]);
  expect(await perf({ ...ALL, perf: false })).toEqual({
    name: 'perf',
    available: false,
    reason: 'QIBENCH_PERF is not 1, so containers may not read them',
  });
});

test('counters restricted by the kernel are not available', async () => {
  file('sys/bus/event_source/devices/cpu/type', '4');
  expect(await perf()).toMatchObject({ available: false, reason: 'the kernel has no perf events' });
  file(PARANOID, '3\n');
  expect(await perf()).toMatchObject({
    available: false,
    reason: 'kernel.perf_event_paranoid is 3',
  });
});

test('a machine without uprobes, tracefs and a system log reports the reasons', async () => {
  expect(await recorders()).toEqual({
    dtrace: 'the kernel has no uprobes',
    ftrace: '/sys/kernel/tracing is missing',
    syslog: '/dev/log is missing',
  });
  mkdirSync(join(root, 'sys/kernel/tracing'), { recursive: true });
  expect(await recorders()).toMatchObject({
    ftrace: 'no tracefs is mounted at /sys/kernel/tracing',
  });
});

test('a recorder of the host is available where runs may write to it and the operator names it', async () => {
  const tracing = 'sys/kernel/tracing';
  file('sys/bus/event_source/devices/uprobe/type', '7');
  for (const path of [`${tracing}/tracing_on`, `${tracing}/trace_marker`, 'dev/log']) {
    file(path, '');
    chmodSync(join(root, path), 0o640);
  }
  chmodSync(join(root, tracing), 0o700);
  const refused = (path: string) => `user 65534 of runs cannot write to ${path}`;

  expect(await recorders()).toEqual({
    dtrace: null,
    ftrace: refused('/sys/kernel/tracing/tracing_on'),
    syslog: refused('/dev/log'),
  });
  for (const path of [`${tracing}/tracing_on`, `${tracing}/trace_marker`, 'dev/log'])
    chmodSync(join(root, path), 0o622);
  // The folder is closed.
  expect(await recorders()).toMatchObject({
    ftrace: refused('/sys/kernel/tracing/tracing_on'),
    syslog: null,
  });
  chmodSync(join(root, tracing), 0o755);
  expect(await recorders()).toEqual({ dtrace: null, ftrace: null, syslog: null });
  expect(await recorders({ ...ALL, recorders: ['syslog'] })).toEqual({
    dtrace: 'QIBENCH_RECORDERS does not name dtrace',
    ftrace: 'QIBENCH_RECORDERS does not name ftrace',
    syslog: null,
  });
});
