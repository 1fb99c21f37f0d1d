// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
const perf = async () => (await capabilities(true, root))[1];

test('a machine without KVM and counters reports the reasons', async () => {
  expect(await capabilities(true, root)).toEqual([
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
  expect(await capabilities(true, root)).toEqual([
    { name: 'kvm', available: true, reason: null },
    { name: 'perf', available: true, reason: null },
  ]);
  expect((await capabilities(false, root))[1]).toEqual({
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
