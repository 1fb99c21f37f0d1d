// SPDX-License-Identifier: GPL-2.0-or-later
import { followLinks, type FolderEntry } from '#client/links.js';

const follow = (entries: readonly FolderEntry<string>[]) =>
  followLinks('instrumentation', entries, (reason) => new Error(reason));
const link = (path: string, target: string): FolderEntry<string> => ({
  path,
  type: 'link',
  target,
});
const FILE: FolderEntry<string> = { path: 'a/b/file.c', type: 'file', file: 'content' };

test('links to files and folders lead to what they point to', () => {
  const entries = [FILE, link('one.c', 'a/b/../b/./file.c'), link('two', 'a'), link('a/c', 'b')];
  expect(follow(entries).map(({ path }) => path)).toEqual([
    'a/b/file.c',
    'one.c',
    'two/b/file.c',
    'two/c/file.c',
    'a/c/file.c',
  ]);
});

test('a link has at most as many characters as a path of Linux', () => {
  expect(() => follow([FILE, link('long.c', `${'./'.repeat(2_048)}a/b/file.c`)])).toThrow(
    'long.c is a link of more than 4096 characters',
  );
});

test('the links of a folder together lead a limited way', () => {
  const slow = Array.from({ length: 40 }, (_, at) =>
    link(`l${at}`, `${'a/../'.repeat(800)}${at === 39 ? 'a' : `l${at + 1}`}`),
  );
  const all = Array.from({ length: 900 }, (_, at) => link(`m${at}`, 'l0'));
  expect(() => follow([FILE, ...slow, ...all])).toThrow('its links are too long to follow');
});
