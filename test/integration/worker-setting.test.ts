// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';

test('a worker ends with the message of an invalid setting, and without a stack trace', () => {
  const { status, stderr } = spawnSync(process.execPath, ['dist/worker/main.js'], {
    env: { ...process.env, DATABASE_URL: process.env.TEST_DATABASE_URL, QIBENCH_TUNE: 'speed' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stderr.split('\n').length, stderr]).toEqual([
    1,
    2,
    expect.stringMatching(/^QIBENCH_TUNE: /),
  ]);
});
