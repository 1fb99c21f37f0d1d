// SPDX-License-Identifier: GPL-2.0-or-later
import pg from 'pg';
import { migrate } from '#store/migrate.js';
import { openStore } from '#store/store.js';
import { readerUrl } from '#store/reader.js';

let owner: string;
let reader: pg.Client;

beforeAll(async () => {
  const name = `reader_${process.pid}`;
  const store = await openStore(process.env.TEST_DATABASE_URL!);
  await store.pool.query(`CREATE DATABASE ${name}`);
  await store.close();
  owner = process.env.TEST_DATABASE_URL!.replace(/[^/]+$/, name);
  await migrate(owner, process.cwd());
  reader = new pg.Client({ connectionString: await readerUrl(owner) });
  await reader.connect();
});
afterAll(() => reader.end());

test('the reader selects from tables and views, also with the URL of a second call', async () => {
  await expect(reader.query('SELECT count(*) FROM job')).resolves.toMatchObject({ rowCount: 1 });
  await expect(reader.query('SELECT * FROM qibench_sample')).resolves.toMatchObject({
    rowCount: 0,
  });

  const again = new pg.Client({ connectionString: await readerUrl(owner) });
  await again.connect();
  await again.query('SELECT 1');
  await again.end();
  await expect(reader.query('SELECT count(*) FROM sample')).resolves.toBeDefined();
});

test.each(['token', 'used_id_token'])('the reader cannot read %s', async (table) => {
  await expect(reader.query(`SELECT * FROM ${table}`)).rejects.toThrow('permission denied');
});

test.each([
  ['change a row', "UPDATE job SET name = 'x'"],
  ['delete', 'DELETE FROM sample'],
  ['create a table', 'CREATE TABLE mine (id int)'],
  ['read a file of the server', "SELECT pg_read_file('/etc/passwd')"],
  ['run a program', "COPY (SELECT 1) TO PROGRAM 'true'"],
])('the reader cannot %s, even in a transaction that writes', async (_, sql) => {
  await reader.query('SET default_transaction_read_only = off');

  await expect(reader.query(sql)).rejects.toThrow(/permission denied|must be superuser/);
});
