// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import {
  BackupEnd,
  BackupHeader,
  END_OF_ROWS,
  TableHeader,
  TableTrailer,
  type BackupSummary,
} from './backup-format.js';
import { readLines } from './lines.js';

/** Receives the contents of a backup, in order. An error that it throws ends the reading. */
export interface BackupReceiver {
  begin(header: BackupHeader): Promise<void>;
  /**
   * Begins a table. `row` takes one row with its newline; `done` settles when all rows are stored.
   */
  table(
    name: string,
    columns: readonly string[],
  ): Promise<{ row(line: Buffer): Promise<void> | void; done(): Promise<void> }>;
}

/**
 * Reads an unpacked backup to its end. Received rows are valid only once this has resolved, because
 * the digest of a table follows its rows.
 *
 * @throws {BAD_BACKUP} The backup is damaged; the message names the file.
 */
export async function readBackup(
  stream: AsyncIterable<Buffer>,
  file: string,
  receiver: BackupReceiver,
): Promise<BackupSummary> {
  const lines = readLines(stream);
  const bad = badBackup(file);
  const header = await parsed(lines, BackupHeader, bad);
  await receiver.begin(header);
  const tables: { table: string; rows: number; sha256: string }[] = [];
  for (const name of header.tables) {
    const { table, columns } = await parsed(lines, TableHeader, bad);
    if (table !== name) throw bad(`unexpected table "${table}"`);
    tables.push({
      table,
      ...(await readTable(lines, await receiver.table(table, columns), table, bad)),
    });
  }
  await parsed(lines, BackupEnd, bad);
  return { schema: header.schema, tables };
}

export type Bad = (reason: string, cause?: unknown) => QibenchError;

export function badBackup(file: string): Bad {
  return (reason, cause) => new QibenchError('BAD_BACKUP', { file, reason }, { cause });
}

type Lines = AsyncGenerator<Buffer>;

async function nextLine(lines: Lines, bad: Bad): Promise<Buffer> {
  const next = await lines.next().catch((error: unknown) => {
    throw bad(error instanceof Error ? error.message : String(error), error);
  });
  if (next.done === true) throw bad('the file ends early');
  return next.value;
}

async function parsed<T>(lines: Lines, schema: z.ZodType<T>, bad: Bad): Promise<T> {
  const line = (await nextLine(lines, bad)).toString('utf8');
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw bad(`unexpected line: ${line.slice(0, 100).trim()}`, error);
  }
}

async function readTable(
  lines: Lines,
  rows: Awaited<ReturnType<BackupReceiver['table']>>,
  table: string,
  bad: Bad,
): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  let count = 0;
  for (;;) {
    const line = await nextLine(lines, bad);
    if (line.toString('latin1').trimEnd() === END_OF_ROWS) break;
    hash.update(line);
    count += 1;
    await rows.row(line);
  }
  await rows.done();
  const found = { rows: count, sha256: hash.digest('hex') };
  const expected = await parsed(lines, TableTrailer, bad);
  if (expected.rows !== found.rows || expected.sha256 !== found.sha256)
    throw bad(`the rows of the table "${table}" are damaged`);
  return found;
}
