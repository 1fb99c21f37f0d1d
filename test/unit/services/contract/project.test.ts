// SPDX-License-Identifier: GPL-2.0-or-later
import { execFileSync } from 'node:child_process';
import { BranchName } from '#contract/project.js';

const git = (name: string): boolean => {
  try {
    execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test.each([
  'main',
  'a(b)',
  'é/ü',
  'a,b',
  '_wip',
  'v1.0!',
  'x'.repeat(250),
  'feature/#12+3@4',
  '日本/🐧',
  "it's",
  '@x',
  'a@',
  'a.b/c.d',
  '%41',
  'a{b}',
])('the branch %s is accepted, as by git', (name) => {
  expect(git(name)).toBe(true);
  expect(BranchName.safeParse(name).success).toBe(true);
});

test('a branch that git accepts is refused if it reverses the text after it', () => {
  expect(git('a\u202eb')).toBe(true);
  expect(BranchName.safeParse('a\u202eb').success).toBe(false);
});

test.each([
  '',
  '-a',
  '/a',
  'a/',
  'a//b',
  'a/.b',
  '.a',
  'a..b',
  'a.',
  'a.lock',
  'a.lock/b',
  'a@{b',
  'a b',
  'a\tb',
  'a\u007fb',
  'a~b',
  'a^b',
  'a:b',
  'a?b',
  'a*b',
  'a[b',
  'a\\b',
])('the branch %j is refused, as by git', (name) => {
  expect(git(name)).toBe(false);
  expect(BranchName.safeParse(name).success).toBe(false);
});
