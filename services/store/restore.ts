import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { QibenchError } from '../contract/error.js';
import { schemaVersion, tablesInOrder } from './backup.js';
import { BackupEnd, BackupHeader, END_OF_ROWS, identifier, TableHeader, TableTrailer, type BackupSummary } from './backup-format.js';
import { readLines } from './lines.js';
import { migrate, migrationNames } from './migrate.js';

/**
 * Fill an empty database from a backup, all of it or nothing. The schema is brought to that of the backup first, and to
 * that of this version afterwards. Errors: BAD_BACKUP, DATABASE_NOT_EMPTY.
 */
export async function restore(databaseUrl: string, file: string, rootDir: string): Promise<BackupSummary> {
  const lines = readLines(createReadStream(file).pipe(createGunzip()));
  const bad = (reason: string, cause?: unknown) => new QibenchError('BAD_BACKUP', { file, reason }, { cause });
  const header = await parsed(lines, BackupHeader, bad);
  if (!(await migrationNames(rootDir)).includes(header.schema)) throw bad(`its schema is "${header.schema}", which this version of qibench does not know; a newer one wrote it`);
  await expectEmpty(databaseUrl);
  await migrate(databaseUrl, rootDir, header.schema);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    if ((await schemaVersion(client)) !== header.schema) throw new QibenchError('DATABASE_NOT_EMPTY', { what: 'its schema is newer than that of the backup' });
    const known = await tablesInOrder(client);
    await client.query('BEGIN');
    const tables: { table: string; rows: number; sha256: string }[] = [];
    for (const name of header.tables) {
      const { table, columns } = await parsed(lines, TableHeader, bad);
      if (table !== name || !known.includes(table)) throw bad(`the table "${table}" is not expected there`);
      tables.push({ table, ...(await readTable(client, lines, table, columns, bad)) });
    }
    await parsed(lines, BackupEnd, bad);
    await continueSequences(client);
    await client.query('COMMIT');
    await migrate(databaseUrl, rootDir);
    return { schema: header.schema, tables };
  } catch (error) {
    if (error instanceof QibenchError || !(error instanceof Error) || !/^(22|23|42)/.test((error as { code?: string }).code ?? '')) throw error;
    throw bad(error.message, error); // rows that Postgres does not take
  } finally {
    await client.end();
  }
}

type Lines = AsyncGenerator<Buffer>;
type Bad = (reason: string, cause?: unknown) => QibenchError;

async function nextLine(lines: Lines, bad: Bad): Promise<Buffer> {
  const next = await lines.next().catch((error: unknown) => {
    throw bad(error instanceof Error ? error.message : String(error), error);
  });
  if (next.done === true) throw bad('it ends early');
  return next.value;
}

async function parsed<T>(lines: Lines, schema: z.ZodType<T>, bad: Bad): Promise<T> {
  const line = (await nextLine(lines, bad)).toString('utf8');
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw bad(`a line is not what it should be: ${line.slice(0, 100).trim()}`, error);
  }
}

async function readTable(client: pg.Client, lines: Lines, table: string, columns: readonly string[], bad: Bad): Promise<{ rows: number; sha256: string }> {
  const copy = client.query(copyFrom(`COPY ${identifier(table)} (${columns.map(identifier).join(', ')}) FROM STDIN`));
  const copied = finished(copy);
  copied.catch(() => undefined);
  const hash = createHash('sha256');
  let rows = 0;
  for (;;) {
    const line = await nextLine(lines, bad);
    if (line.toString('latin1').trimEnd() === END_OF_ROWS) break;
    hash.update(line);
    rows += 1;
    if (!copy.write(line)) await Promise.race([once(copy, 'drain'), copied]);
  }
  copy.end();
  await copied;
  const found = { rows, sha256: hash.digest('hex') };
  const expected = await parsed(lines, TableTrailer, bad);
  if (expected.rows !== found.rows || expected.sha256 !== found.sha256) throw bad(`the rows of the table "${table}" are damaged`);
  return found;
}

async function expectEmpty(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const table of await tablesInOrder(client)) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${identifier(table)} LIMIT 1`);
      if (rowCount !== 0) throw new QibenchError('DATABASE_NOT_EMPTY', { what: `its table "${table}" has rows` });
    }
  } finally {
    await client.end();
  }
}

/** Numbers that rows get by themselves go on behind those that were restored. */
async function continueSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT * FROM (SELECT table_name AS table, column_name AS column, pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
     FROM information_schema.columns WHERE table_schema = 'public') AS owned WHERE sequence IS NOT NULL`);
  for (const { table, column, sequence } of rows) {
    await client.query(`SELECT setval($1, max(${identifier(column)})) FROM ${identifier(table)} HAVING max(${identifier(column)}) IS NOT NULL`, [sequence]);
  }
}
