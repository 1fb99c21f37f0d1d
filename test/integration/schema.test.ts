// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { backup } from '#store/backup.js';
import { migrate } from '#store/migrate.js';
import { restore } from '#store/restore.js';
import { openStore } from '#store/store.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from '#support/api-process.js';

const admin = (sql: string, url = process.env.TEST_DATABASE_URL!) =>
  openStore(url).then(async (store) => {
    const { rows } = await store.pool.query<Record<string, unknown>>(sql);
    await store.close();
    return rows;
  });

/** Creates a database, and a role with a schema of its own in it. */
async function ownSchema(): Promise<{ asRole: string; byParameter: string; asAdmin: string }> {
  const name = `s_${randomUUID().slice(0, 8)}`;
  const asAdmin = process.env.TEST_DATABASE_URL!.replace(/[^/]+$/, name);
  await admin(`CREATE DATABASE ${name}`);
  await admin(`CREATE ROLE ${name} LOGIN PASSWORD 'pw'`);
  await admin(`GRANT ${name} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`);
  await admin(`CREATE SCHEMA ${name} AUTHORIZATION ${name}`, asAdmin);
  await admin(`CREATE SCHEMA named AUTHORIZATION ${name}`, asAdmin);
  const asRole = asAdmin.replace(/\/\/[^@]+@/, `//${name}:pw@`);
  return { asRole, byParameter: `${asRole}?schema=named`, asAdmin };
}

test.each(['asRole', 'byParameter'] as const)(
  'a service with tables in another schema works: %s',
  async (way) => {
    const urls = await ownSchema();
    const url = urls[way];
    await migrate(url, process.cwd());
    const api = await startApi({ DATABASE_URL: url });
    const folder = mkdtempSync(join(tmpdir(), 'qibench-schema-'));
    try {
      expect(await api.client.get('/v1/jobs')).toEqual({ jobs: [], next: null });
      expect(await api.client.get('/v1/ready')).toMatchObject({ ready: true });
      const tables = await admin(
        `SELECT DISTINCT schemaname AS schema FROM pg_tables WHERE tablename = 'job'`,
        urls.asAdmin,
      );
      expect(tables).toEqual([
        { schema: new URL(url).searchParams.get('schema') ?? new URL(url).username },
      ]);

      const file = join(folder, 'all.backup');
      const written = await backup(url, file);
      const other = await ownSchema();
      expect(await restore(other[way], file, process.cwd())).toEqual(written);
    } finally {
      await api.stop();
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);

test('a schema that is missing, and an encoding other than UTF-8, are refused by the setting', async () => {
  const { asRole } = await ownSchema();
  await expect(openStore(`${asRole}?schema=missing`)).rejects.toThrow(
    /^DATABASE_URL: the search path names no schema that exists/,
  );
  await expect(openStore(`${asRole}?schema=Not+Safe`)).rejects.toThrow(/^DATABASE_URL: "schema"/);
  const name = `ascii_${process.pid}`;
  await admin(
    `CREATE DATABASE ${name} ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`,
  );
  await expect(
    migrate(process.env.TEST_DATABASE_URL!.replace(/[^/]+$/, name), process.cwd()),
  ).rejects.toThrow(/^DATABASE_URL: the database's encoding is SQL_ASCII/);
}, 60_000);

test('an unexpected failure shows no source, and the log has it under the id of the answer', async () => {
  const { asAdmin } = await ownSchema();
  await migrate(asAdmin, process.cwd());
  const api = await startApi({ DATABASE_URL: asAdmin }, 'pipe');
  try {
    await admin('ALTER TABLE job RENAME COLUMN name TO lost', asAdmin);
    const answer = await fetch(`${api.client.server}/v1/jobs`);
    const id = answer.headers.get('x-request-id');
    const { error } = (await answer.json()) as { error: { message: string } };
    expect([answer.status, error.message]).toEqual([
      500,
      `unexpected failure: the API's log has it as requestId ${id}`,
    ]);
    expect(api.logged()).toContain(id);
    expect(api.logged()).not.toContain('→');
  } finally {
    await api.stop();
  }
}, 60_000);
