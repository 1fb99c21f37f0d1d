import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from './store.js';

/** Names of the migrations that this version needs. */
export async function neededMigrations(rootDir: string): Promise<string[]> {
  const entries = await readdir(join(rootDir, 'prisma/migrations'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Those that the database does not have yet. */
export async function missingMigrations(
  store: Store,
  needed: readonly string[],
): Promise<string[]> {
  const { rows } = await store.pool.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT 1 FROM _prisma_migrations WHERE migration_name = name AND finished_at IS NOT NULL) ORDER BY name',
    [needed],
  );
  return rows.map(({ name }) => name);
}

/** Whether Postgres takes writes: a standby, or one that was made read-only, does not. */
export async function takesWrites(store: Store): Promise<boolean> {
  const { rows } = await store.pool.query<{ readOnly: string }>(
    `SELECT current_setting('transaction_read_only') AS "readOnly"`,
  );
  return rows[0]!.readOnly === 'off';
}
