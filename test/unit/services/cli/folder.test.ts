// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolder } from '#cli/folder.js';

let root: string;
const folder = (): string => join(root, 'code');
const write = (path: string, content: string): void => {
  mkdirSync(join(folder(), path, '..'), { recursive: true });
  writeFileSync(join(folder(), path), content);
};
const link = (path: string, target: string): void => symlinkSync(target, join(folder(), path));
const read = async (field = 'instrumentation'): Promise<[string, string][]> =>
  (await readFolder(folder(), field, (reason) => new Error(reason)))
    .map(({ path, content }): [string, string] => [path, content.toString()])
    .sort();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qibench-folder-'));
  write('instrument.c', 'int a;\n');
});
afterEach(() => rmSync(root, { recursive: true }));

test('links within the folder are followed: to files, folders, through links, and absolute', async () => {
  write('real/sub/a.h', 'a');
  link('events.h', 'real/sub/a.h');
  link('inc', 'real/sub');
  link('again.h', 'inc/a.h');
  link('absolute.h', join(folder(), 'real/sub/a.h'));
  link('real/up.c', '../instrument.c');

  expect(await read()).toEqual([
    ['absolute.h', 'a'],
    ['again.h', 'a'],
    ['events.h', 'a'],
    ['inc/a.h', 'a'],
    ['instrument.c', 'int a;\n'],
    ['real/sub/a.h', 'a'],
    ['real/up.c', 'int a;\n'],
  ]);
});

test('a patch that is a link belongs to its series', async () => {
  write('0001-a.patch', 'one');
  link('0002-b.patch', '0001-a.patch');
  link('notes.txt', '/nowhere');

  expect(await read('qemu.patches')).toEqual([
    ['0001-a.patch', 'one'],
    ['0002-b.patch', 'one'],
  ]);
});

test('a folder that is itself a link is read', async () => {
  symlinkSync(folder(), join(root, 'link'));

  expect(
    await readFolder(join(root, 'link'), 'instrumentation', (reason) => new Error(reason)),
  ).toHaveLength(1);
});

test.each([
  ['/etc/passwd', 'x.c is a link that leaves the folder'],
  ['../outside.c', 'x.c is a link that leaves the folder'],
  ['missing.c', 'x.c is a link to missing.c, which the folder lacks'],
  ['x.c', 'x.c is a link that leads to itself'],
  ['.', 'x.c is a link to a folder around it'],
])('a link to %s is refused by name', async (target, reason) => {
  writeFileSync(join(root, 'outside.c'), '');
  link('x.c', target);

  await expect(read()).rejects.toThrow(reason);
});

test('links cannot multiply the files without bound', async () => {
  write('d0/a.c', '');
  for (let depth = 1; depth < 30; depth++) {
    mkdirSync(join(folder(), `d${depth}`));
    for (const name of ['l', 'r']) link(`d${depth}/${name}`, `../d${depth - 1}`);
  }

  await expect(read()).rejects.toThrow('more than 64 files');
});

test('links cannot multiply folders without bound either', async () => {
  write('d0/.hidden', '');
  for (let depth = 1; depth < 30; depth++) {
    mkdirSync(join(folder(), `d${depth}`));
    for (const name of ['l', 'r']) link(`d${depth}/${name}`, `../d${depth - 1}`);
  }

  await expect(read()).rejects.toThrow('its links lead to more than 10000 paths');
});

test('a named pipe is refused by name instead of being left out', async () => {
  execFileSync('mkfifo', [join(folder(), 'pipe.c')]);

  await expect(read()).rejects.toThrow('pipe.c is a socket, pipe or device, not a regular file');
});

test('the folder of a workload may have more files and bytes than other uploads', async () => {
  for (let index = 0; index < 65; index += 1) write(`files/${index}`, 'x');

  expect(await read('workloads.0.from')).toHaveLength(66);
  await expect(read()).rejects.toThrow('it has more than 64 files');
});
