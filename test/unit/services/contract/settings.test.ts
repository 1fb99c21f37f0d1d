// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import {
  readSettings,
  required,
  secret,
  secretsIn,
  setting,
  type Environment,
} from '#contract/settings.js';
import {
  flag,
  listOf,
  port,
  postgresUrl,
  redisUrl,
  urlSecrets,
  wholeNumber,
} from '#contract/setting-types.js';

const SCHEMA = {
  STORE: required('store', postgresUrl, urlSecrets),
  PORT: setting('port', port, 7171),
  OPEN: setting('open', flag, false),
  KEY: secret(setting('key', (text) => text, null)),
  SIZE: setting('size', wholeNumber(1), 3),
  NAMES: setting(
    'names',
    listOf((name) => /^[a-z]+$/.test(name), 'is not a name'),
    [],
  ),
};
const read = (environment: Environment) =>
  readSettings(SCHEMA, { STORE: 'postgresql://host/db', ...environment });

test('an empty variable counts as unset', () => {
  const empty = Object.fromEntries(Object.keys(SCHEMA).map((name) => [name, '']));
  expect(read({ ...empty, STORE: 'postgresql://host/db' })).toEqual(read({}));
  expect(() => read({ STORE: '' })).toThrow('STORE: is required');
});

test('every wrong setting is named with its rule at once, and a secret is not shown', () => {
  const planted = 'postgresql://user:planted@/db';
  const wrong = { STORE: planted, PORT: '65536', OPEN: 'true', SIZE: '0', NAMES: 'a, B' };
  expect(() => read(wrong)).toThrow(
    expect.objectContaining({
      code: 'BAD_SETTING',
      message: [
        'STORE: the value names no host; write postgresql://user:password@host:5432/database',
        'PORT: "65536" is not a whole number from 0 to 65535',
        'OPEN: "true" is not 0 or 1',
        'SIZE: "0" is not a whole number above 0',
        'NAMES: "a, B" has "B", which is not a name',
      ].join('\n'),
    }),
  );
});

test('a rule about several settings is checked together with the others', () => {
  const rules = () => [
    { setting: 'PORT', reason: 'is hidden by its own fault' },
    { setting: 'KEY', reason: 'is required with OPEN' },
  ];
  expect(() => readSettings(SCHEMA, { STORE: 'postgresql://h', PORT: 'x' }, rules)).toThrow(
    /^PORT: "x" is not [^\n]*\nKEY: is required with OPEN$/,
  );
});

test.each([
  [postgresUrl, 'postgresql://user:p%40@db.example:5432/qibench?sslmode=require', true],
  [postgresUrl, 'postgres:///qibench?host=/run/postgresql', true],
  [postgresUrl, 'postgresql://user@/qibench?host=/run/postgresql', true],
  [postgresUrl, 'postgresql:///qibench', false],
  [postgresUrl, 'postgresql://user:secret@/qibench', false],
  [postgresUrl, 'postgresql://:5432/qibench', false],
  [postgresUrl, 'db.example/qibench', false],
  [redisUrl, 'rediss://user:secret@redis.example:6380/2', true],
  [redisUrl, 'redis://[::1]:6379', true],
  [redisUrl, 'unix:///run/redis.sock', true],
  [redisUrl, 'unix:///run/redis.sock?db=2', true],
  [redisUrl, 'unix:///run/redis.sock?db=jobs', false],
  [redisUrl, 'redis://host/', true],
  [redisUrl, 'redis://host/jobs', false],
  [redisUrl, 'redis://host/1/2', false],
  [redisUrl, 'redis://host/-1', false],
  [redisUrl, 'redis://host?db=jobs', false],
  [redisUrl, 'redis://host?db=3', true],
  [redisUrl, 'redis://', false],
  [redisUrl, 'redis://:6379', false],
  [redisUrl, 'redis://:secret@:6379', false],
  [redisUrl, 'redis.example:6379', false],
  [redisUrl, '6379', false],
  [redisUrl, 'redis://user:p%40ss@host', true],
  [redisUrl, 'redis://user:p%zz@host', false],
])('a URL of a store names its place: %# %p', (type, value, good) => {
  const found = type(value);
  expect(found === value).toBe(good);
});

test('the secrets of an environment are its passwords and keys, encoded and decoded', () => {
  expect(
    secretsIn(SCHEMA, { STORE: 'postgresql://u:p%40ss@h/d?sslpassword=key', KEY: 'k', PORT: '1' }),
  ).toEqual(['p%40ss', 'p@ss', 'key', 'k']);
});

const STORES = { DATABASE_URL: 'postgresql://db.invalid/x', REDIS_URL: 'redis://redis.invalid' };

test.each([
  [
    'the API',
    'dist/services/api/main.js',
    { QIBENCH_TRACE_DAYS: 'many' },
    'QIBENCH_TRACE_DAYS: "many" is not a whole number',
  ],
  [
    'an API without stores, which does not try this machine',
    'dist/services/api/main.js',
    { DATABASE_URL: '', REDIS_URL: '' },
    'DATABASE_URL: is required\nREDIS_URL: is required',
  ],
  [
    'a worker',
    'dist/worker/main.js',
    { QIBENCH_ROLE: 'builder', QIBENCH_TUNE: 'speed', DOCKER_HOST: 'ssh://there' },
    'QIBENCH_ROLE: "builder" is not one of both, build, measure\n' +
      'QIBENCH_TUNE: "speed" is not one of governor, turbo, smt, thp, priority\n' +
      'DOCKER_HOST: "ssh://there" is not supported, since a worker measures the machine that it ' +
      'runs on; write unix:///SOCKET or tcp://HOST:PORT',
  ],
])(
  '%s ends with the message of an invalid setting, and without a stack trace',
  (_, main, settings, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...STORES, ...settings },
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([1, '', `${message}\n`]);
  },
);

test('an API that would be open beyond loopback ends with the reason in its log', () => {
  const { status, stderr } = spawnSync(process.execPath, ['dist/services/api/main.js'], {
    env: {
      PATH: process.env.PATH,
      ...STORES,
      QIBENCH_OPEN_ON_LOOPBACK: '1',
      QIBENCH_HOST: '0.0.0.0',
    },
    encoding: 'utf8',
  });
  expect([status, JSON.parse(stderr)]).toEqual([
    1,
    expect.objectContaining({
      level: 'fatal',
      code: 'BAD_SETTING',
      msg:
        'QIBENCH_OPEN_ON_LOOPBACK: the service listens on 0.0.0.0, where others can reach it; ' +
        'unset this and create tokens',
    }),
  ]);
});
