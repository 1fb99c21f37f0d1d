// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '#cli/embedded/redis.js';
import { startPostgres, type Running } from '#cli/embedded/postgres.js';
import { openStore } from '#store/store.js';

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

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    }),
  );
}
