// SPDX-License-Identifier: GPL-2.0-or-later
import type { Store } from './store.js';

/** Minimum number of hexadecimal digits in a short link. */
const DIGITS = 8;

/**
 * Returns the oldest job whose id begins with these hexadecimal digits, so that newer jobs never
 * take over a link. Null if no id matches.
 */
export async function findJobByPrefix(store: Store, prefix: string): Promise<string | null> {
  const found = await store.pool.query<{ id: string }>(
    'SELECT id FROM job WHERE id BETWEEN $1 AND $2 ORDER BY created_at, id LIMIT 1',
    rangeOf(prefix),
  );
  return found.rows[0]?.id ?? null;
}

/** Returns the shortest prefix of a job's id that finds the job. */
export async function shortPrefix(store: Store, id: string): Promise<string> {
  const digits = digitsOf(id);
  const older = await store.pool.query<{ id: string }>(
    `SELECT id
     FROM job
     WHERE id BETWEEN $1 AND $2
       AND (created_at, id) < (SELECT created_at, id FROM job WHERE id = $3)`,
    [...rangeOf(digits.slice(0, DIGITS)), id],
  );
  const taken = older.rows.map((row) => digitsOf(row.id));
  let length = DIGITS;
  while (taken.some((other) => other.startsWith(digits.slice(0, length)))) length += 1;
  return digits.slice(0, length);
}

const digitsOf = (id: string): string => id.replaceAll('-', '');

/**
 * Returns the first and last uuid with a prefix, so that the search uses the index on uuid.
 * Postgres accepts uuids without hyphens.
 */
function rangeOf(prefix: string): [string, string] {
  return [prefix.padEnd(32, '0'), prefix.padEnd(32, 'f')];
}
