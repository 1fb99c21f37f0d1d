// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCpuList, measuringCpuset, parseCpuList } from '#worker/host/cpuset.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'qibench-cpus-'))));
afterEach(() => rmSync(root, { recursive: true }));

function machine(online: string, siblings: Record<number, string> = {}): void {
  const folder = join(root, 'sys/devices/system/cpu');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'online'), `${online}\n`);
  for (const [cpu, list] of Object.entries(siblings)) {
    mkdirSync(join(folder, `cpu${cpu}/topology`), { recursive: true });
    writeFileSync(join(folder, `cpu${cpu}/topology/thread_siblings_list`), `${list}\n`);
  }
}

test("lists of CPUs are read and written in the kernel's format", () => {
  expect(parseCpuList('0-2,5\n')).toEqual([0, 1, 2, 5]);
  expect(parseCpuList('7,3,3')).toEqual([3, 7]);
  expect(['', '-1', '2-1', '1,', 'a', '1-2-3', '1 2'].map(parseCpuList)).toEqual(
    Array(7).fill(null),
  );
  expect([formatCpuList([5, 0, 2, 1]), formatCpuList([3]), formatCpuList([1, 3])]).toEqual([
    '0-2,5',
    '3',
    '1,3',
  ]);
});

test.each([
  ['two cores', '0-1', { 0: '0' }, '0-1'],
  ['three cores', '0-2', { 0: '0' }, '1-2'],
  ['four cores of two threads', '0-7', { 0: '0,4' }, '1-3,5-7'],
  ['one core of two threads', '0-1', { 0: '0-1' }, '0-1'],
  ['one core', '0', { 0: '0' }, '0'],
  ['a machine whose first core is off', '1-3', { 1: '1' }, '2-3'],
  ['a machine that does not tell its threads', '0-3', {}, '1-3'],
])(
  'without a setting all but the first core measure, if that leaves two CPUs: %s',
  async (_, online, siblings, expected) => {
    machine(online, siblings);

    expect(await measuringCpuset(null, root)).toBe(expected);
  },
);

test('a setting is used unchanged if its CPUs exist', async () => {
  machine('0-3', { 0: '0' });

  expect(await measuringCpuset('3,0', root)).toBe('0,3');
  await expect(measuringCpuset('all', root)).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: 'QIBENCH_CPUSET: "all" is not a list of CPUs like 1-3,5',
  });
  await expect(measuringCpuset('2-5', root)).rejects.toThrow('CPU 4-5 is not online; online: 0-3');
});
