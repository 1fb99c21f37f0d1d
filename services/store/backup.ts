// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { QibenchError } from '#contract/error.js';
import { firstConnection, SCHEMA_SQL } from './connection.js';
import {
  END_OF_ROWS,
  FORMAT,
  identifier,
  type BackupHeader,
  type BackupSummary,
} from './backup-format.js';

const NEWLINE = 0x0a;

/**
 * Writes every row of the database to a file, as one consistent snapshot, while the service runs.
 * Rows are streamed, so memory use is constant. The file gets its name only when it is complete.
 */
export async function backup(databaseUrl: string, file: string): Promise<BackupSummary> {
  const client = await firstConnection(databaseUrl);
  const partial = `${file}.partial`;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const schema = await schemaVersion(client);
    const names = await tablesInOrder(client);
    const gzip = createGzip({ level: 6 });
    // It contains digests of tokens: an existing file would keep its mode, and a link its target.
    await rm(partial, { force: true });
    const target = createWriteStream(partial, { mode: 0o600, flags: 'wx' });
    const written = finished(gzip.pipe(target));
    // A file that fails ends the stream of the rows, which would wait for it forever.
    written.catch((error: Error) => gzip.destroy(error));
    const header: BackupHeader = {
      format: FORMAT,
      schema,
      createdAt: new Date().toISOString(),
      tables: names,
    };
    await put(gzip, `${JSON.stringify(header)}\n`);
    const tables = [];
    for (const table of names) tables.push({ table, ...(await writeTable(client, gzip, table)) });
    await put(gzip, '{"end":true}\n');
    gzip.end();
    await written;
    await rename(partial, file);
    return { schema, tables };
  } finally {
    await rm(partial, { force: true });
    await client.end();
  }
}

async function writeTable(
  client: pg.Client,
  gzip: Gzip,
  table: string,
): Promise<{ rows: number; sha256: string }> {
  const columns = await columnsOf(client, table);
  await put(gzip, `${JSON.stringify({ table, columns })}\n`);
  const hash = createHash('sha256');
  let rows = 0;
  const copy = client.query(
    copyTo(`COPY ${identifier(table)} (${columns.map(identifier).join(', ')}) TO STDOUT`),
  );
  for await (const chunk of copy as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
    await put(gzip, chunk);
  }
  const trailer = { rows, sha256: hash.digest('hex') };
  await put(gzip, `${END_OF_ROWS}\n${JSON.stringify(trailer)}\n`);
  return trailer;
}

async function put(gzip: Gzip, bytes: Buffer | string): Promise<void> {
  if (gzip.errored !== null) throw gzip.errored;
  if (!gzip.write(bytes)) await once(gzip, 'drain');
}

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name
     FROM information_schema.columns
     WHERE table_schema = ${SCHEMA_SQL} AND table_name = $1 AND is_generated = 'NEVER'
     ORDER BY ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/**
 * Returns the name of the last applied migration.
 *
 * @throws {NOT_FOUND} The database does not belong to qibench.
 */
export async function schemaVersion(client: pg.Client): Promise<string> {
  const there = await client.query<{ table: string | null }>(
    "SELECT to_regclass('_prisma_migrations')::text AS table",
  );
  if (there.rows[0]!.table === null)
    throw new QibenchError('NOT_FOUND', { what: 'database of qibench', id: client.database ?? '' });
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name
     FROM _prisma_migrations
     WHERE finished_at IS NOT NULL
     ORDER BY migration_name DESC
     LIMIT 1`,
  );
  return rows[0]!.name;
}

/** Returns all tables of qibench, each after the tables that it references. */
export async function tablesInOrder(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; parents: string[] }>(
    `SELECT relname AS name,
       array(
         SELECT DISTINCT parent.relname::text
         FROM pg_constraint
         JOIN pg_class parent ON parent.oid = confrelid
         WHERE conrelid = pg_class.oid AND contype = 'f' AND confrelid <> conrelid
       ) AS parents
     FROM pg_class
     WHERE relkind = 'r'
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = ${SCHEMA_SQL})
       AND relname <> '_prisma_migrations'
     ORDER BY relname`,
  );
  const ordered: string[] = [];
  while (ordered.length < rows.length) {
    const next = rows.find(
      ({ name, parents }) =>
        !ordered.includes(name) && parents.every((parent) => ordered.includes(parent)),
    );
    if (next === undefined) throw new Error('tables reference each other in a cycle');
    ordered.push(next.name);
  }
  return ordered;
}
