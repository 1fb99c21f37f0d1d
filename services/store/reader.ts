// SPDX-License-Identifier: GPL-2.0-or-later
import { randomBytes, scryptSync } from 'node:crypto';
import { firstConnection, SCHEMA_SQL } from './connection.js';

const ROLE = 'qibench_reader';
const PASSWORD_BYTES = 24;
/** Takes some tenths of a second, so that the URL of the role does not give away a weak password of the owner. */
const DERIVATION = { cost: 2 ** 17, maxmem: 256 * 1024 ** 2 };
/** Tables with secrets or digests of secrets. */
const HIDDEN = ['token', 'used_id_token', '_prisma_migrations'];

/**
 * Creates or updates the role `qibench_reader`, which reads all tables except those with secrets
 * and changes nothing. Its password derives from the owner's, so it needs no storage; without an
 * owner's password it is random, and new with every call.
 *
 * @param databaseUrl URL of the owner, who must be allowed to create roles.
 * @returns URL of the same database for the role.
 * @throws {BAD_SETTING} The database cannot be used.
 */
export async function readerUrl(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  const password =
    url.password === ''
      ? randomBytes(PASSWORD_BYTES).toString('hex')
      : scryptSync(url.password, ROLE, PASSWORD_BYTES, DERIVATION).toString('hex');
  const client = await firstConnection(databaseUrl);
  try {
    const { rows } = await client.query<{ schema: string; role: boolean }>(
      `SELECT ${SCHEMA_SQL} AS schema,
         EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role`,
      [ROLE],
    );
    const { schema, role } = rows[0]!;
    const quoted = client.escapeIdentifier(schema);
    // Statements about roles take no parameters. The password consists of hexadecimal digits.
    await client.query(
      `${role ? 'ALTER' : 'CREATE'} ROLE ${ROLE} LOGIN NOINHERIT PASSWORD '${password}';
       ALTER ROLE ${ROLE} SET default_transaction_read_only = on;
       ALTER ROLE ${ROLE} SET search_path = ${quoted};
       GRANT USAGE ON SCHEMA ${quoted} TO ${ROLE};
       GRANT SELECT ON ALL TABLES IN SCHEMA ${quoted} TO ${ROLE};
       ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoted} GRANT SELECT ON TABLES TO ${ROLE}`,
    );
    for (const table of HIDDEN)
      await client.query(`REVOKE ALL ON TABLE ${quoted}.${table} FROM ${ROLE}`);
  } finally {
    await client.end();
  }
  return Object.assign(url, { username: ROLE, password }).href;
}
