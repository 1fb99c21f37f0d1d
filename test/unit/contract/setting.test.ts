import { spawnSync } from 'node:child_process';

test.each([
  [
    'the API',
    'dist/services/api/main.js',
    { QIBENCH_TRACE_DAYS: 'many' },
    'QIBENCH_TRACE_DAYS: "many" is not a whole number',
  ],
  [
    'the API that would be open to others',
    'dist/services/api/main.js',
    { QIBENCH_OPEN_ON_LOOPBACK: '1', QIBENCH_HOST: '0.0.0.0' },
    'QIBENCH_OPEN_ON_LOOPBACK: the service listens on 0.0.0.0, where others reach it; unset this, and make tokens',
  ],
])(
  '%s ends with the message of a bad setting, and without a stack',
  (_, main, settings, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...settings },
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([1, '', `${message}\n`]);
  },
);
