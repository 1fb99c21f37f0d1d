// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { QibenchError } from '#contract/error.js';
import { schemaVersion, tablesInOrder } from './backup.js';
import { identifier, type BackupSummary } from './backup-format.js';
import { connectionOf, firstConnection, SCHEMA_SQL } from './connection.js';
import { badBackup, readBackup } from './backup-reader.js';
import { migrate, migrationNames } from './migrate.js';

/**
 * Restores a backup into an empty database, completely or not at all. Migrates the database to the
 * backup's schema before the rows, and to the schema of this version after them.
 *
 * @throws {BAD_BACKUP} The file is damaged, or a newer version wrote it.
 * @throws {DATABASE_NOT_EMPTY} A table has rows, or the schema is newer than the backup's.
 */
export async function restore(
  databaseUrl: string,
  file: string,
  rootDir: string,
): Promise<BackupSummary> {
  const bad = badBackup(file);
  const client = new pg.Client(connectionOf(databaseUrl));
  let known: readonly string[] = [];
  try {
    const summary = await readBackup(unpacked(file), file, {
      async begin({ schema }) {
        if (!(await migrationNames(rootDir)).includes(schema))
          throw bad(
            `its schema "${schema}" is unknown to this version of qibench; a newer version wrote it`,
          );
        await expectEmpty(databaseUrl);
        await migrate(databaseUrl, rootDir, schema);
        await client.connect();
        if ((await schemaVersion(client)) !== schema)
          throw new QibenchError('DATABASE_NOT_EMPTY', {
            what: "its schema is newer than the backup's",
          });
        known = await tablesInOrder(client);
        await client.query('BEGIN');
      },
      table: (table, columns) => {
        if (!known.includes(table)) throw bad(`unexpected table "${table}"`);
        return Promise.resolve(rowsInto(client, table, columns));
      },
    });
    await continueSequences(client);
    await client.query('COMMIT');
    await migrate(databaseUrl, rootDir);
    return summary;
  } catch (error) {
    if (
      error instanceof QibenchError ||
      !(error instanceof Error) ||
      !/^(22|23|42)/.test((error as { code?: string }).code ?? '')
    )
      throw error;
    throw bad(error.message, error); // Postgres rejects the rows
  } finally {
    await client.end();
  }
}

function unpacked(file: string): AsyncIterable<Buffer> {
  const packed = createReadStream(file);
  const content = createGunzip();
  packed.on('error', (error) => content.destroy(error)).pipe(content);
  return content;
}

function rowsInto(client: pg.Client, table: string, columns: readonly string[]) {
  const copy = client.query(
    copyFrom(`COPY ${identifier(table)} (${columns.map(identifier).join(', ')}) FROM STDIN`),
  );
  const copied = finished(copy);
  copied.catch(() => undefined);
  return {
    async row(line: Buffer) {
      if (!copy.write(line)) await Promise.race([once(copy, 'drain'), copied]);
    },
    async done() {
      copy.end();
      await copied;
    },
  };
}

async function expectEmpty(databaseUrl: string): Promise<void> {
  const client = await firstConnection(databaseUrl);
  try {
    for (const table of await tablesInOrder(client)) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${identifier(table)} LIMIT 1`);
      if (rowCount !== 0)
        throw new QibenchError('DATABASE_NOT_EMPTY', { what: `its table "${table}" has rows` });
    }
  } finally {
    await client.end();
  }
}

/** Sets every sequence to continue after the highest restored value. */
async function continueSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT *
     FROM (
       SELECT table_name AS table, column_name AS column,
         pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
       FROM information_schema.columns
       WHERE table_schema = ${SCHEMA_SQL}
     ) AS owned
     WHERE sequence IS NOT NULL`,
  );
  for (const { table, column, sequence } of rows) {
    await client.query(
      `SELECT setval($1, max(${identifier(column)}))
       FROM ${identifier(table)}
       HAVING max(${identifier(column)}) IS NOT NULL`,
      [sequence],
    );
  }
}
