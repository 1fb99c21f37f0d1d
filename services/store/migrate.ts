// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { badUrl, firstConnection } from './connection.js';

/**
 * Applies prisma/migrations in order, under an advisory lock; applied ones are skipped.
 *
 * Keeps the same `_prisma_migrations` table as `prisma migrate deploy`, so that command works too.
 * It is not used here because it downloads a schema engine, and a fresh machine may reach only its
 * package archives.
 *
 * @param last Name of the last migration to apply; absent: all.
 * @returns Names of the migrations that were applied.
 * @throws {BAD_SETTING} The database cannot be used.
 */
export async function migrate(
  databaseUrl: string,
  rootDir: string,
  last?: string,
): Promise<string[]> {
  const folder = join(rootDir, FOLDER);
  const names = (await migrationNames(rootDir)).filter(
    (name) => last === undefined || name <= last,
  );
  const client = await firstConnection(databaseUrl);
  const applied: string[] = [];
  try {
    await client.query('SELECT pg_advisory_lock(72707369)'); // the lock number of Prisma
    await requireUtf8(client);
    await client.query(MIGRATIONS_TABLE);
    for (const name of names) {
      const done = await client.query(
        'SELECT 1 FROM _prisma_migrations WHERE migration_name = $1 AND finished_at IS NOT NULL',
        [name],
      );
      if (done.rowCount !== 0) continue;
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      await client.query('BEGIN');
      await client.query(sql);
      await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, now(), 1)`,
        [randomUUID(), checksum, name],
      );
      await client.query('COMMIT');
      applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

/** Refuses a new database with another encoding: case and order of letters would be wrong in it. */
async function requireUtf8(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string; fresh: boolean }>(
    `SELECT current_setting('server_encoding') AS encoding,
       to_regclass('_prisma_migrations') IS NULL AS fresh`,
  );
  const { encoding, fresh } = rows[0]!;
  if (fresh && encoding !== 'UTF8')
    throw badUrl(
      `the database's encoding is ${encoding}; create it with ENCODING 'UTF8' TEMPLATE template0`,
    );
}

const FOLDER = 'prisma/migrations';

/** Returns the names of all migrations, in the order in which they are applied. */
export async function migrationNames(rootDir: string): Promise<string[]> {
  const entries = await readdir(join(rootDir, FOLDER), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0)`;
