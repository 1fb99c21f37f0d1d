// SPDX-License-Identifier: GPL-2.0-or-later
import pg from 'pg';
import { QibenchError } from '#contract/error.js';

const CONNECT_LIMIT_MS = 5_000;
/** A schema name that needs no quotes within the options of a connection. */
const SCHEMA = /^[a-z_][a-z0-9_]*$/;

/** Settings of a connection: the URL, and the schema that its parameter `schema` names. */
export interface Connection {
  readonly connectionString: string;
  readonly options?: string;
}

/**
 * Returns the settings of a connection to the database of a URL. The driver ignores Prisma's
 * parameter `schema`, so the search path selects that schema.
 *
 * @throws {BAD_SETTING} The schema's name needs quotes, or the URL sets `options`, too.
 */
export function connectionOf(databaseUrl: string): Connection {
  const parameters = new URLSearchParams(databaseUrl.split('?')[1] ?? '');
  const schema = parameters.get('schema') ?? '';
  if (schema === '') return { connectionString: databaseUrl };
  if (!SCHEMA.test(schema) || parameters.has('options'))
    throw badUrl('"schema" must be a lower-case name, without "options" beside it');
  return { connectionString: databaseUrl, options: `-c search_path=${schema}` };
}

/**
 * Connects for the first time.
 *
 * @throws {BAD_SETTING} Postgres does not answer within CONNECT_LIMIT_MS, it refuses the user, or the
 *   database has no schema for the tables.
 */
export async function firstConnection(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionOf(databaseUrl),
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { host, port } = client;
    const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
    throw badUrl(`${host}:${port}: ${message || errors?.[0]?.message || code}`);
  }
  try {
    const { rows } = await client.query<{ schema: string | null }>(
      'SELECT current_schema() AS schema',
    );
    if (rows[0]!.schema === null)
      throw badUrl("the search path names no schema that exists; create the role's schema first");
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/**
 * SQL of the name of the schema with the tables. It is the first one of the search path before they
 * exist.
 */
export const SCHEMA_SQL = `coalesce(
  (SELECT nspname::text
   FROM pg_class
   JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE pg_class.oid = to_regclass('_prisma_migrations')),
  current_schema()::text)`;

/** Returns the error of a wrong DATABASE_URL. Its reason must not contain the URL. */
export function badUrl(reason: string): QibenchError {
  return new QibenchError('BAD_SETTING', { setting: 'DATABASE_URL', reason });
}
