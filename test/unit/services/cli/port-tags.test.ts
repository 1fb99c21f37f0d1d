// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { portOfTags, tagPortText } from '#cli/port-tags.js';

const folder = mkdtempSync(join(tmpdir(), 'qibench-port-tags-'));
const rootDir = join(folder, 'root');
const clone = join(folder, 'clone');
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd: clone });

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Commits files and tags the commit. */
function tagged(tag: string, files: Record<string, string | null>): void {
  for (const [path, content] of Object.entries(files))
    if (content === null) rmSync(join(clone, path));
    else write(join(clone, path), content);
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '-m', tag);
  git('tag', tag);
}

const diff = (file: string, from: string, to: string) =>
  `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1,3 +1,3 @@\n 1\n-${from}\n+${to}\n 3\n`;

beforeAll(() => {
  const series = (version: string, patches: Record<string, string>) => {
    for (const [name, text] of Object.entries(patches))
      write(join(rootDir, 'qemu/patches', version, name), text);
  };
  series('9.0', { '0001-own.patch': diff('old.c', 'old', 'own') });
  series('10.0', {
    '0001-own.patch': diff('hw/a.c', 'a', 'own'),
    '0002-fix.patch': `Upstream: 0123456789\n---\n${diff('b.c', 'wrong', 'right')}`,
    '0003-new.patch': diff('c.c', 'c', 'own'),
  });
  copyFileSync('qemu/apply.sh', join(rootDir, 'qemu/apply.sh'));
  mkdirSync(clone);
  git('init', '--quiet');
  tagged('v9.0.0', { 'old.c': '1\nold\n3\n' });
  tagged('v10.0.0-rc1', { 'hw/a.c': '1\na\n3\n', 'b.c': '1\nwrong\n3\n', 'c.c': '1\nc\n3\n' });
  tagged('v10.0.0', { 'old.c': '1\nnew\n3\n' });
  tagged('v10.0.1', { 'b.c': '1\nright\n3\n' });
  tagged('v10.0.10', { 'hw/a.c': '0\n1\na\n3\n' });
  tagged('v11.0.0', { 'hw/a.c': '1\nelse\n3\n', 'c.c': null });
});

test('each tag, in the order of versions, has the nearest series that applies', () => {
  const found = [...portOfTags(rootDir, clone, 'v*')];

  expect(found.map(({ tag, port }) => [tag, port])).toEqual([
    ['v9.0.0', '9.0'],
    ['v10.0.0', '10.0'],
    ['v10.0.1', '10.0'],
    ['v10.0.10', '10.0'],
    ['v11.0.0', null],
  ]);
});

test('release candidates are tried if the pattern names them', () => {
  expect([...portOfTags(rootDir, clone, '*-rc*')]).toMatchObject([
    { tag: 'v10.0.0-rc1', port: '10.0' },
  ]);
});

test('a correction that a point release has from upstream is left out of the series', () => {
  const [older, newer] = ['v10.0.0', 'v10.0.1'].map((tag) => [...portOfTags(rootDir, clone, tag)]);

  expect(older).toMatchObject([{ port: '10.0', left: [] }]);
  expect(newer).toMatchObject([{ port: '10.0', left: ['0002-fix.patch'] }]);
  expect(tagPortText(newer![0]!)).toBe('v10.0.1: the port for QEMU 10.0, without 0002-fix.patch');
});

test('a tag that no series applies to has all rejects of the nearest one', () => {
  const [found] = [...portOfTags(rootDir, clone, 'v11.*')];

  expect(tagPortText(found!)).toBe(`v11.0.0: no port applies; the one for QEMU 10.0:
  0001-own.patch: hw/a.c: Hunk #1 FAILED at 1.
  0003-new.patch: c.c: can't find file to patch at input line 4`);
});

test.each([
  ['v12.*', /has no tag like "v12\.\*"/],
  ['', /has no tag like ""/],
])('a pattern that no tag has is refused: "%s"', (pattern, reason) => {
  expect(() => [...portOfTags(rootDir, clone, pattern)]).toThrow(reason);
});

test('a folder that is not a clone is refused', () => {
  expect(() => [...portOfTags(rootDir, tmpdir(), 'v*')]).toThrow(/not a git repository/);
});
