// SPDX-License-Identifier: GPL-2.0-or-later
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from './store.js';

/** Returns the names of the migrations that this version needs. */
export async function neededMigrations(rootDir: string): Promise<string[]> {
  const entries = await readdir(join(rootDir, 'prisma/migrations'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Returns the needed migrations that the database lacks. */
export async function missingMigrations(
  store: Store,
  needed: readonly string[],
): Promise<string[]> {
  const { rows } = await store.pool.query<{ name: string }>(
    `SELECT name
     FROM unnest($1::text[]) AS name
     WHERE NOT EXISTS (
       SELECT 1 FROM _prisma_migrations WHERE migration_name = name AND finished_at IS NOT NULL)
     ORDER BY name`,
    [needed],
  );
  return rows.map(({ name }) => name);
}

/** Returns whether Postgres accepts writes: a standby or a read-only server does not. */
export async function takesWrites(store: Store): Promise<boolean> {
  const { rows } = await store.pool.query<{ readOnly: string }>(
    `SELECT current_setting('transaction_read_only') AS "readOnly"`,
  );
  return rows[0]!.readOnly === 'off';
}
