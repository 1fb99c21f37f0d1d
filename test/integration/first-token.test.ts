// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { issueToken, makeFirstToken } from '#api/auth/issue.js';
import { migrate } from '#store/migrate.js';
import { openStore, type Store } from '#store/store.js';

const HOUR_MS = 3_600_000;

let store: Store;
beforeAll(async () => {
  const url = new URL(process.env.TEST_DATABASE_URL!);
  const admin = await openStore(url.href);
  const name = `first_token_${randomUUID().replaceAll('-', '')}`;
  await admin.pool.query(`CREATE DATABASE ${name}`);
  await admin.close();
  url.pathname = `/${name}`;
  await migrate(url.href, process.cwd());
  store = await openStore(url.href);
}, 60_000);
afterAll(() => store.close());

test('the first token, which logs show, expires after a day, and only then a later start creates another', async () => {
  expect(await makeFirstToken(store)).toMatch(/^qib_/);
  const { rows } = await store.pool.query<{ at: Date }>('SELECT expires_at AS at FROM token');
  const hours = (rows[0]!.at.getTime() - Date.now()) / HOUR_MS;
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThanOrEqual(24);
  expect(await makeFirstToken(store)).toBeNull();

  await store.pool.query("UPDATE token SET expires_at = now() - interval '1 s'");
  expect(await makeFirstToken(store)).toMatch(/^qib_/);

  await issueToken(store, { name: 'alice', project: null, scopes: ['admin'], expiresAt: null });
  await store.pool.query("UPDATE token SET expires_at = now() WHERE name = 'first'");
  expect(await makeFirstToken(store)).toBeNull();
});
