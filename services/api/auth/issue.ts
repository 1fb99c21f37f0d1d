// SPDX-License-Identifier: GPL-2.0-or-later
import type { NewToken, Token, TokenRequest } from '#contract/token.js';
import type { Store } from '#store/store.js';
import { insertFirstToken, insertToken } from '#store/tokens.js';
import { secretDigest, newSecret } from './secret.js';

const SESSION_MS = 12 * 3_600_000;
/** The first token stands in logs, so it ends soon. */
const FIRST_TOKEN_MS = 24 * 3_600_000;

/** Creates a token. Its secret is only in the result; the store has its digest. */
export async function issueToken(store: Store, request: TokenRequest): Promise<NewToken> {
  const secret = newSecret();
  return {
    ...(await insertToken(store.pool, { ...request, kind: 'token', digest: secretDigest(secret) })),
    token: secret,
  };
}

/**
 * Creates a browser session with the rights of its token.
 * The session ends with the token, at the latest after twelve hours.
 */
export async function issueSession(
  store: Store,
  { id, name, project, scopes, expiresAt }: Token,
): Promise<{ session: Token; secret: string; maxAgeSeconds: number }> {
  const secret = newSecret();
  const endMs = Math.min(
    Date.now() + SESSION_MS,
    expiresAt === null ? Infinity : Date.parse(expiresAt),
  );
  const session = await insertToken(store.pool, {
    name,
    project,
    scopes,
    expiresAt: new Date(endMs).toISOString(),
    kind: 'session',
    digest: secretDigest(secret),
    parent: id,
  });
  return { session, secret, maxAgeSeconds: Math.max(0, Math.floor((endMs - Date.now()) / 1000)) };
}

/**
 * Creates the first administrator token, which ends after a day; null if a usable one already
 * exists.
 */
export async function makeFirstToken(store: Store): Promise<string | null> {
  const secret = newSecret();
  const kept = await insertFirstToken(store, {
    name: 'first',
    project: null,
    scopes: ['admin'],
    expiresAt: new Date(Date.now() + FIRST_TOKEN_MS).toISOString(),
    kind: 'token',
    digest: secretDigest(secret),
  });
  return kept ? secret : null;
}
