// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';

test.each([
  [
    'the API',
    'dist/services/api/main.js',
    { QIBENCH_TRACE_DAYS: 'many' },
    'QIBENCH_TRACE_DAYS: "many" is not a whole number',
  ],
  [
    'an API that would be open beyond loopback',
    'dist/services/api/main.js',
    { QIBENCH_OPEN_ON_LOOPBACK: '1', QIBENCH_HOST: '0.0.0.0' },
    'QIBENCH_OPEN_ON_LOOPBACK: the service listens on 0.0.0.0, where others can reach it; ' +
      'unset this and create tokens',
  ],
])(
  '%s ends with the message of an invalid setting, and without a stack trace',
  (_, main, settings, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...settings },
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([1, '', `${message}\n`]);
  },
);
