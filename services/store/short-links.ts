import type { Store } from './store.js';

/** Hexadecimal digits that a short link has at least. */
const DIGITS = 8;

/** The oldest job whose id begins with these hexadecimal digits: younger ones never take a link away from it. Null without one. */
export async function findJobByPrefix(store: Store, prefix: string): Promise<string | null> {
  const found = await store.pool.query<{ id: string }>(
    'SELECT id FROM job WHERE id BETWEEN $1 AND $2 ORDER BY created_at, id LIMIT 1',
    rangeOf(prefix),
  );
  return found.rows[0]?.id ?? null;
}

/** The shortest prefix of a job's id by which it is found. */
export async function shortPrefix(store: Store, id: string): Promise<string> {
  const digits = digitsOf(id);
  const older = await store.pool.query<{ id: string }>(
    'SELECT id FROM job WHERE id BETWEEN $1 AND $2 AND (created_at, id) < (SELECT created_at, id FROM job WHERE id = $3)',
    [...rangeOf(digits.slice(0, DIGITS)), id],
  );
  const taken = older.rows.map((row) => digitsOf(row.id));
  let length = DIGITS;
  while (taken.some((other) => other.startsWith(digits.slice(0, length)))) length += 1;
  return digits.slice(0, length);
}

const digitsOf = (id: string): string => id.replaceAll('-', '');

/** First and last uuid with a prefix, which is how an index on uuid finds it; Postgres takes them without hyphens. */
function rangeOf(prefix: string): [string, string] {
  return [prefix.padEnd(32, '0'), prefix.padEnd(32, 'f')];
}
