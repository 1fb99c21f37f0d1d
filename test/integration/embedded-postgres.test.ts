// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '#cli/embedded/redis.js';
import { startPostgres } from '#cli/embedded/postgres.js';
import type { Running } from '#cli/embedded/server-process.js';
import { openQueue } from '#queue/queue.js';
import { migrate } from '#store/migrate.js';
import { openStore } from '#store/store.js';
import { freePort } from '#support/free-port.js';

test('a data folder has its own password, readable by its owner only, and an older folder gets one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-postgres-'));
  const port = await freePort();
  const file = join(folder, 'postgres.password');
  const hba = join(folder, 'postgres/pg_hba.conf');
  const opens = (url: string) =>
    openStore(url).then(
      async (store) => (await store.close(), true),
      () => false,
    );
  const started: Running[] = [];
  const start = async () => {
    const server = await startPostgres(folder, port);
    started.push(server);
    return server;
  };
  try {
    const first = await start();
    const withFixed = first.url.replace(/:[0-9a-f]{48}@/, ':qibench@');
    expect(withFixed).not.toBe(first.url);
    expect([await opens(first.url), await opens(withFixed)]).toEqual([true, false]);
    expect([statSync(file).mode & 0o777, first.url]).toEqual([
      0o600,
      expect.stringContaining(readFileSync(file, 'utf8')),
    ]);

    // The layout of earlier versions.
    const store = await openStore(first.url);
    await store.pool.query("ALTER ROLE qibench PASSWORD 'qibench'");
    await store.close();
    await first.stop();
    rmSync(file);
    writeFileSync(hba, readFileSync(hba, 'utf8').replaceAll('scram-sha-256', 'password'));

    const second = await start();
    expect(second.url).not.toBe(first.url);
    expect([await opens(second.url), await opens(withFixed), await opens(first.url)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(readFileSync(hba, 'utf8')).not.toMatch(/\spassword$/m);
    await second.stop();

    const third = await start();
    expect([third.url, await opens(third.url)]).toEqual([second.url, true]);
  } finally {
    for (const server of started) await server.stop(); // a stopped one is left alone
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test("the service's role owns its database and nothing else; the superuser cannot log in", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-role-'));
  const server = await startPostgres(folder, await freePort());
  try {
    await migrate(server.url, process.cwd());
    const store = await openStore(server.url);
    const { rows } = await store.pool.query(
      "SELECT current_user AS role, current_setting('is_superuser') AS super",
    );
    expect(rows).toEqual([{ role: 'qibench', super: 'off' }]);
    for (const [sql, refusal] of [
      ["COPY (SELECT 1) TO PROGRAM 'true'", 'permission denied to COPY to or from an external'],
      ['CREATE ROLE other SUPERUSER', 'permission denied to create role'],
      ['CREATE DATABASE other', 'permission denied to create database'],
    ] as const)
      await expect(store.pool.query(sql)).rejects.toThrow(refusal);
    await store.close();
    const asSuperuser = server.url.replace('//qibench:', '//postgres:');
    await expect(openStore(asSuperuser)).rejects.toThrow('password authentication failed');
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test('Postgres and Redis of a data folder listen on loopback only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-stores-'));
  const ports = [await freePort(), await freePort()] as const;
  const started: Running[] = [];
  try {
    started.push(await startPostgres(folder, ports[0]), await startRedis(folder, ports[1]));

    expect(ports.map(listeningOn)).toEqual([['0100007F'], ['0100007F']]);
  } finally {
    for (const server of started) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test.each([
  ['a locale that is not installed', { LANG: 'xx_YY.UTF-8', LC_ALL: 'xx_YY.UTF-8' }],
  ['no locale', { LANG: undefined, LC_ALL: undefined, LC_CTYPE: undefined }],
])(
  'an environment with %s gives a database in UTF-8',
  async (_, locale) => {
    const folder = mkdtempSync(join(tmpdir(), 'qibench-locale-'));
    const port = await freePort();
    const code = `
    import { startPostgres } from ${JSON.stringify(`file://${process.cwd()}/dist/services/cli/embedded/postgres.js`)};
    import { openQueue } from '#queue/queue.js';
import { openStore } from ${JSON.stringify(`file://${process.cwd()}/dist/services/store/store.js`)};
    const postgres = await startPostgres(${JSON.stringify(folder)}, ${port});
    const store = await openStore(postgres.url);
    const { rows } = await store.pool.query(
      "SELECT 'GRÖSSE' ILIKE 'grösse' AS found, current_setting('server_encoding') AS encoding");
    await store.close();
    await postgres.stop();
    console.log(JSON.stringify(rows[0]));`;
    try {
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        env: { ...process.env, ...locale },
        encoding: 'utf8',
      });
      expect([stdout, stderr]).toEqual(['{"found":true,"encoding":"UTF8"}\n', '']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

test('no port is open before the password is set, and an interrupted first start is repeated', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-first-'));
  const port = await freePort();
  const ending = new AbortController();
  const first = startPostgres(folder, port, ending.signal);
  first.catch(() => undefined);
  while (!existsSync(join(folder, 'postgres.partial/base')))
    await new Promise((resolve) => setTimeout(resolve, 5));
  try {
    expect(listeningOn(port)).toEqual([]);
    ending.abort(new Error('interrupted'));
    await expect(first).rejects.toThrow('interrupted');
    expect(existsSync(join(folder, 'postgres'))).toBe(false);

    const second = await startPostgres(folder, port);
    const store = await openStore(second.url);
    expect((await store.pool.query('SELECT current_database() AS name')).rows).toEqual([
      { name: 'qibench' },
    ]);
    await store.pool.query('SELECT 1');
    await store.close();
    await second.stop();
    expect(readdirSync(folder).sort()).toEqual(['postgres', 'postgres.password']);

    // A folder without the database, as an earlier version could leave it.
    const third = await startPostgres(folder, port);
    const admin = await openStore(third.url.replace(/qibench$/, 'postgres'));
    await admin.pool.query('DROP DATABASE qibench');
    await admin.close();
    await third.stop();
    const fourth = await startPostgres(folder, port);
    await (await openStore(fourth.url)).close();
    await fourth.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

test("Redis needs its data folder's password, and does not run as root", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-redis-'));
  const redis = await startRedis(folder, await freePort());
  try {
    const file = join(folder, 'redis.password');
    const pid = readFileSync(join(folder, 'redis/redis.pid'), 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(redis.url).toContain(readFileSync(file, 'utf8'));
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(readFileSync(file, 'utf8'));
    const uids = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
    expect(uids.split(/\s+/)).not.toContain(process.getuid!() === 0 ? '0' : '');
    await expect(openQueue(redis.url.replace(/:[0-9a-f]{48}@/, ''))).rejects.toThrow(
      /^REDIS_URL: 127\.0\.0\.1:\d+: NOAUTH/,
    );
    const queue = await openQueue(redis.url);
    expect(await queue.healthy()).toBe(true);
    await queue.close();
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** Addresses in the kernel's digits: 127.0.0.1 is 0100007F. Source: proc_net(5). */
function listeningOn(port: number): string[] {
  const digits = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets = ['tcp', 'tcp6'].flatMap((file) => [
    ...readFileSync(`/proc/net/${file}`, 'utf8').matchAll(
      /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm,
    ),
  ]);
  return sockets.filter((socket) => socket[2] === digits).map((socket) => socket[1]!);
}
