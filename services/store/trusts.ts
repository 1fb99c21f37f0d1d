// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import { QibenchError } from '#contract/error.js';
import type { Token } from '#contract/token.js';
import type { Trust, TrustRequest } from '#contract/trust.js';
import { transaction, type Store } from './store.js';
import { insertToken, type TokenToKeep } from './tokens.js';

const COLUMNS = `
  id, project, repository_id AS "repositoryId", repository, ref, events, created_at AS "createdAt"`;

type Row = Omit<Trust, 'createdAt'> & { createdAt: Date };

export async function addTrust(
  store: Store,
  { project, repositoryId, repository, ref, events }: TrustRequest,
): Promise<Trust> {
  const { rows } = await store.pool.query<Row>(
    `INSERT INTO trust (id, project, repository_id, repository, ref, events)
     VALUES ($1, $2, $3, $4, $5, $6)
     RETURNING ${COLUMNS}`,
    [randomUUID(), project, repositoryId, repository ?? null, ref, events],
  );
  return toTrust(rows[0]!);
}

/** Returns all trusts, or only a repository's, oldest first. */
export async function listTrusts(store: Store, repositoryId?: string): Promise<Trust[]> {
  const { rows } = await store.pool.query<Row>(
    `SELECT ${COLUMNS}
     FROM trust
     WHERE $1::text IS NULL OR repository_id = $1
     ORDER BY created_at, id`,
    [repositoryId ?? null],
  );
  return rows.map(toTrust);
}

/**
 * Removes a trust. Tokens issued under it stay valid until they expire, which is soon.
 *
 * @throws {NOT_FOUND} The trust does not exist.
 */
export async function removeTrust(store: Store, id: string): Promise<Trust> {
  const { rows } = await store.pool.query<Row>(
    `DELETE FROM trust WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  if (rows[0] === undefined) throw new QibenchError('NOT_FOUND', { what: 'trust', id });
  return toTrust(rows[0]);
}

/**
 * Stores the token that was issued for an id-token; returns null if the id-token was used before.
 */
export async function exchangeIdToken(
  store: Store,
  idToken: { jti: string; expiresAt: Date },
  token: TokenToKeep,
): Promise<Token | null> {
  return transaction(store, async (client) => {
    await client.query('DELETE FROM used_id_token WHERE expires_at < now()');
    const first = await client.query(
      'INSERT INTO used_id_token (jti, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [idToken.jti, idToken.expiresAt],
    );
    return first.rowCount === 0 ? null : insertToken(client, token);
  });
}

const toTrust = (row: Row): Trust => ({ ...row, createdAt: row.createdAt.toISOString() });
