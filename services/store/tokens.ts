// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Token, TokenKind, TokenRequest } from '#contract/token.js';
import { QibenchError } from '#contract/error.js';
import { transaction, type Store } from './store.js';
import type pg from 'pg';

/** A token to store: its digest, never its secret. */
export interface TokenToKeep extends TokenRequest {
  readonly kind: TokenKind;
  readonly digest: Buffer;
  /**
   * For a session: the token that opened it. The session becomes invalid together with that token.
   */
  readonly parent?: string;
}

/** Valid sessions of a token. */
const SESSIONS_PER_TOKEN = 10;

const COLUMNS = `
  token.id, token.kind, token.name, token.project, token.scopes,
  token.created_at AS "createdAt", token.expires_at AS "expiresAt",
  token.revoked_at AS "revokedAt", token.last_used_at AS "lastUsedAt"`;
const VALID =
  '(token.revoked_at IS NULL AND (token.expires_at IS NULL OR token.expires_at > now()))';

type Row = { [K in keyof Token]: K extends `${string}At` ? Date | null : Token[K] };

export async function insertToken(
  client: pg.Pool | pg.PoolClient,
  token: TokenToKeep,
): Promise<Token> {
  const { rows } = await client.query<Row>(
    `INSERT INTO token (id, kind, digest, name, project, scopes, expires_at, parent)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     RETURNING ${COLUMNS}`,
    [
      randomUUID(),
      token.kind,
      token.digest,
      token.name,
      token.project,
      token.scopes,
      token.expiresAt,
      token.parent ?? null,
    ],
  );
  // A browser that signs in anew each time must not fill the table: its oldest session ends.
  await client.query(
    `UPDATE token
     SET revoked_at = now()
     WHERE id IN (
       SELECT id
       FROM token
       WHERE parent = $1 AND ${VALID}
       ORDER BY created_at DESC, id
       OFFSET $2)`,
    [token.parent ?? null, SESSIONS_PER_TOKEN],
  );
  // Sessions and workflow tokens are many and short-lived: ended ones are deleted after a day.
  await client.query(
    `DELETE FROM token
     WHERE kind <> 'token' AND coalesce(revoked_at, expires_at) < now() - interval '1 day'`,
  );
  return toToken(rows[0]!);
}

/**
 * Returns the token with this digest and whether it is valid now; a session is valid only while its
 * parent is. Null if no token has this digest.
 *
 * @returns `account` is the token's id; for a session, the id of the token that opened it; for the
 *   tokens of a workflow run, which may get any number of them, their name.
 */
export async function findToken(
  store: Store,
  digest: Buffer,
): Promise<{ token: Token; account: string; valid: boolean } | null> {
  const { rows } = await store.pool.query<Row & { account: string; valid: boolean }>(
    `SELECT ${COLUMNS},
       CASE opener.kind WHEN 'github' THEN opener.name ELSE opener.id::text END AS account,
       ${VALID} AND NOT EXISTS (
         SELECT 1
         FROM token AS parent
         WHERE parent.id = token.parent AND NOT ${VALID.replaceAll('token.', 'parent.')}
       ) AS valid
     FROM token
     JOIN token AS opener ON opener.id = coalesce(token.parent, token.id)
     WHERE token.digest = $1`,
    [digest],
  );
  const row = rows[0];
  return row === undefined ? null : { token: toToken(row), account: row.account, valid: row.valid };
}

/** Records that a token was used, at most once a minute. */
export async function touchToken(store: Store, id: string): Promise<void> {
  await store.pool.query(
    `UPDATE token
     SET last_used_at = now()
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [id],
  );
}

/** Returns all tokens except browser sessions, newest first. */
export async function listTokens(store: Store): Promise<Token[]> {
  const { rows } = await store.pool.query<Row>(
    `SELECT ${COLUMNS} FROM token WHERE kind <> 'session' ORDER BY created_at DESC, id`,
  );
  return rows.map(toToken);
}

/**
 * Revokes a token and every session that was opened with it.
 *
 * @throws {NOT_FOUND} The token does not exist.
 */
export async function revokeToken(store: Store, id: string): Promise<Token> {
  const { rows } = await store.pool.query<Row>(
    `UPDATE token SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  if (rows[0] === undefined) throw new QibenchError('NOT_FOUND', { what: 'token', id });
  return toToken(rows[0]);
}

/** Signs a browser out by revoking its session; tokens of other kinds stay valid. */
export async function endSession(store: Store, id: string): Promise<void> {
  await store.pool.query("UPDATE token SET revoked_at = now() WHERE id = $1 AND kind = 'session'", [
    id,
  ]);
}

/**
 * Stores this token unless a valid administrator token exists.
 *
 * @returns Whether the token was stored.
 */
export async function insertFirstToken(store: Store, token: TokenToKeep): Promise<boolean> {
  return transaction(store, async (client) => {
    // several API processes may start at once
    await client.query('LOCK TABLE token IN SHARE ROW EXCLUSIVE MODE');
    const found = await client.query(
      `SELECT 1 FROM token WHERE kind = 'token' AND 'admin' = ANY(scopes) AND ${VALID} LIMIT 1`,
    );
    if (found.rowCount !== 0) return false;
    await insertToken(client, token);
    return true;
  });
}

function toToken({ id, kind, name, project, scopes, ...at }: Row): Token {
  const iso = (date: Date | null) => date?.toISOString() ?? null;
  return {
    id,
    kind,
    name,
    project,
    scopes,
    createdAt: iso(at.createdAt)!,
    expiresAt: iso(at.expiresAt),
    revokedAt: iso(at.revokedAt),
    lastUsedAt: iso(at.lastUsedAt),
  };
}
