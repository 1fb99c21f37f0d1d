// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { startRedis } from '#cli/embedded/redis.js';
import { openQueue } from '#queue/queue.js';
import { openStore } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { freePort } from '#support/free-port.js';
import { MARK, markedProcesses, untilNoneMarked } from '#support/marked-processes.js';

const PLANTED = 'planted-secret-0123';
const homes: string[] = [];
const mark = randomUUID();
let databaseUrl: string;

beforeAll(async () => {
  const name = `up_${process.pid}`;
  const store = await openStore(process.env.TEST_DATABASE_URL!);
  await store.pool.query(`CREATE DATABASE ${name}`);
  await store.close();
  databaseUrl = process.env.TEST_DATABASE_URL!.replace(/[^/]+$/, name);
});
afterEach(() => {
  for (const { pid } of markedProcesses(mark)) process.kill(pid, 'SIGKILL');
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'qibench-up-'));
  homes.push(home);
  return home;
}

interface Up {
  readonly home: string;
  readonly process: ChildProcess;
  said(): string;
  /** Resolves with the exit status. */
  readonly ended: Promise<number | null>;
}

/** Runs `qibench up` on the stores of the tests unless the settings differ. */
function up(settings: Record<string, string>, home = newHome()): Up {
  const child = spawn(process.execPath, ['dist/services/cli/main.js', 'up'], {
    env: {
      ...process.env,
      QIBENCH_HOME: home,
      QIBENCH_LOCK_DIR: home,
      DATABASE_URL: databaseUrl,
      REDIS_URL: `${process.env.TEST_REDIS_URL}/9`,
      [MARK]: mark,
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { home, process: child, said: () => said, ended };
}

async function untilSaid({ said, ended }: Up, text: string): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!said().includes(text)) {
    if (over) throw new Error(`it ended: ${said()}`);
    await after(20);
  }
}

async function expectNothingLeft(withinMs: number): Promise<void> {
  expect(await untilNoneMarked(mark, withinMs)).toEqual([]);
}

test.each([
  ['QIBENCH_ROLE', 'builder', 'QIBENCH_ROLE: "builder" is not one of both, build, measure'],
  ['QIBENCH_TRUST_PROXY', 'true', 'QIBENCH_TRUST_PROXY: "true" is not an address or a network'],
  ['QIBENCH_LOG_LEVEL', 'verbose', 'QIBENCH_LOG_LEVEL: "verbose" is not one of fatal, error'],
  ['QIBENCH_PORT', 'abc', 'QIBENCH_PORT: "abc" is not a whole number from 0 to 65535'],
  ['QIBENCH_HOST', '0.0.0.0', 'QIBENCH_HOST: "up" and "demo" listen on 127.0.0.1 only'],
  ['DOCKER_HOST', 'ssh://there', 'DOCKER_HOST: "ssh://there" is not supported'],
  [
    'DOCKER_HOST',
    'tcp://127.0.0.1:9',
    'DOCKER_HOST: no Docker engine answers at tcp://127.0.0.1:9',
  ],
  ['DATABASE_URL', `postgresql://u:${PLANTED}@127.0.0.1:9/x`, 'DATABASE_URL: 127.0.0.1:9: connect'],
  ['REDIS_URL', `redis://u:${PLANTED}@127.0.0.1:9`, 'REDIS_URL: 127.0.0.1:9: connect ECONNREFUSED'],
  [
    'REDIS_URL',
    `redis://u:${PLANTED}@127.0.0.1:9/jobs`,
    'REDIS_URL: the value names a database that is not a number',
  ],
])(
  '%s=%s ends up with its reason, and leaves nothing',
  async (setting, value, reason) => {
    const service = up({ [setting]: value });

    expect(await service.ended).toBe(2);
    expect(service.said()).toContain(reason);
    expect(service.said()).not.toMatch(/service at|\n +at /);
    expect(service.said()).not.toContain(`${setting} is ready`);
    expect(service.said()).not.toContain('is started');
    expect(service.said()).not.toContain(PLANTED);
    for (const file of readdirSync(service.home).filter((name) => name.endsWith('.log')))
      expect(readFileSync(join(service.home, file), 'utf8')).not.toContain(PLANTED);
    expect(existsSync(join(service.home, 'qibench.pid'))).toBe(false);
    await expectNothingLeft(5_000);
  },
  60_000,
);

test('a refused user of Redis is named within seconds, and the password is in no log', async () => {
  const { host } = new URL(process.env.TEST_REDIS_URL!);
  const service = up({
    REDIS_URL: `redis://stranger:${PLANTED}@${host}`,
    QIBENCH_LOG_LEVEL: 'trace',
    QIBENCH_OTLP_URL: `http://user:${PLANTED}@127.0.0.1:9`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${PLANTED}`,
    QIBENCH_REGISTRY_PASSWORD: PLANTED,
  });

  expect(await service.ended).toBe(2);
  expect(service.said()).toMatch(/REDIS_URL: .*WRONGPASS/);
  expect(service.said() + readFileSync(join(service.home, 'api.log'), 'utf8')).not.toContain(
    PLANTED,
  );
}, 60_000);

test('a port that another qibench uses is refused, and its address is not printed', async () => {
  const other = await startApi();
  try {
    const port = new URL(other.client.server).port;
    const service = up({ QIBENCH_PORT: port });
    expect(await service.ended).toBe(2);
    expect(service.said()).toContain(`QIBENCH_PORT: port ${port} is in use by another process`);
    expect(service.said()).not.toContain('service at');
  } finally {
    await other.stop();
  }
}, 60_000);

test('a Redis that evicts keys is refused, and a hosted one without CONFIG works', async () => {
  const folder = newHome();
  const redis = await startRedis(folder, await freePort());
  const admin = redisCommand(redis.url);
  try {
    await admin('CONFIG SET maxmemory-policy allkeys-lru');
    const refused = up({ REDIS_URL: redis.url });
    expect(await refused.ended).toBe(2);
    expect(refused.said()).toContain('maxmemory-policy is allkeys-lru, must be noeviction');

    await admin('CONFIG SET maxmemory-policy noeviction');
    await admin('ACL SETUSER hosted on >guest ~* &* +@all -config -info');
    const url = new URL(redis.url);
    const hostedUrl = `redis://hosted:guest@${url.host}`;
    const queue = await openQueue(hostedUrl);
    await queue.wakeWorkers([{ jobId: 'job', id: '1' }]);
    await queue.close();
    await expect(openQueue(`${hostedUrl}/99`)).rejects.toThrow(/REDIS_URL: .*out of range/);
    const hosted = up({ REDIS_URL: hostedUrl, QIBENCH_PORT: '0' });
    await untilSaid(hosted, 'service at');
    expect(hosted.said()).toMatch(
      /the Postgres of DATABASE_URL is ready\n[^]*the Redis of REDIS_URL is ready\n/,
    );
    const [address] = /http:\S+/.exec(hosted.said())!;
    expect((await fetch(`${address}/v1/ready`)).status).toBe(200);
    hosted.process.kill('SIGTERM');
    expect(await hosted.ended).toBe(0);
    await expectNothingLeft(1_000);
  } finally {
    await redis.stop();
  }
}, 120_000);

test('of two services that start at once on a folder one runs, and on two folders both', async () => {
  const home = newHome();
  const services = [up({}, home), up({}, home), up({})];
  const first = await Promise.race(
    services.slice(0, 2).map(async (service, index) => {
      await service.ended;
      return index;
    }),
  );
  expect(services[first]!.said()).toMatch(
    /a service with the data folder .* is already running \(process (\d+|that starts now)\)/,
  );
  const running = [services[1 - first]!, services[2]!];
  for (const service of running) await untilSaid(service, 'service at');
  const addresses = running.map((service) => /http:\S+/.exec(service.said())![0]);
  expect(new Set(addresses).size).toBe(2);
  for (const service of running) service.process.kill('SIGINT');
  expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([0, 0]);
  await expectNothingLeft(1_000);
}, 120_000);

const OWN = { DATABASE_URL: '', REDIS_URL: '' };
const MOMENTS: [string, number | string][] = [
  ['the first moment', 0],
  ['0.4 s', 400],
  ['2 s', 2_000],
  ['Docker', 'Docker is ready'],
  ['the stores', 'Redis is started and ready'],
  ['the start', 'service at'],
];

test.each(
  MOMENTS.flatMap(([name, moment]) => [
    ['SIGINT' as const, name, moment] as const,
    ['SIGKILL' as const, name, moment] as const,
  ]),
)(
  'after %s at %s nothing that it started stays',
  async (signal, _, moment) => {
    const service = up({ ...OWN, QIBENCH_PORT: '0' });
    if (typeof moment === 'number') await after(moment);
    else await untilSaid(service, moment);

    service.process.kill(signal);
    await service.ended;
    await expectNothingLeft(signal === 'SIGKILL' ? 60_000 : 1_000);
    if (signal === 'SIGINT') expect(existsSync(join(service.home, 'qibench.pid'))).toBe(false);
  },
  120_000,
);

/** Returns a function that sends a command to a Redis and waits for OK. */
function redisCommand(url: string): (command: string) => Promise<void> {
  const { port, password } = new URL(url);
  return async (command) => {
    const child = spawn('redis-cli', ['-p', port, ...command.split(' ')], {
      env: { ...process.env, REDISCLI_AUTH: password },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    expect(answer.toString()).toBe('OK\n');
  };
}
