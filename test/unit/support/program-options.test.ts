// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';

const run = (program: string, option: string) =>
  spawnSync(process.execPath, [`dist/test/${program}.js`, option], { encoding: 'utf8' });

test.each([
  ['fuzz/fuzz', 'npm run fuzz --'],
  ['chaos/chaos', 'npm run chaos --'],
  ['soak/soak', 'npm run soak --'],
  ...['abuse', 'builds', 'events', 'layout', 'scale', 'trust'].map((name) => [
    `bench/${name}`,
    `npm run bench:${name} --`,
  ]),
])(
  '%s prints its usage and does nothing else',
  (program, usage) => {
    const { status, stdout, stderr } = run(program!, '--help');

    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^usage: [^\n]+\n$/);
    expect(stdout).toContain(usage);
  },
  60_000,
);

test('an option that a program does not have is named, with the usage', () => {
  const { status, stdout, stderr } = run('fuzz/fuzz', '--colour');

  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Unknown option '--colour'[^]*\nusage: npm run fuzz/);
  expect(stderr).not.toMatch(/\n +at /);
}, 60_000);
