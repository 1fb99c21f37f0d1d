// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import type { Token, TokenKind } from '#contract/token.js';
import type { ProjectQuota } from '#contract/project-use.js';
import type { Access } from '#domain/access.js';
import type { Store } from '#store/store.js';
import { findToken, touchToken } from '#store/tokens.js';
import { secretDigest, hasForm } from './secret.js';

/** `__Host-`: browsers accept it only from this host, over HTTPS (or from loopback). */
export const SESSION_COOKIE = '__Host-qibench';

export interface Credential {
  readonly from: 'header' | 'cookie';
  readonly secret: string;
}

/**
 * Returns the credential of a request; null if it has none.
 * @throws {UNAUTHENTICATED} The header is malformed or several session cookies are sent.
 */
export function credentialOf({ headers }: FastifyRequest): Credential | null {
  if (headers.authorization !== undefined) {
    const secret = /^Bearer ([!-~]{1,200})$/i.exec(headers.authorization)?.[1];
    if (secret === undefined)
      throw new QibenchError('UNAUTHENTICATED', {
        reason: 'the Authorization header is not "Bearer TOKEN"',
      });
    return { from: 'header', secret };
  }
  const named = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`));
  if (named.length > 1)
    throw new QibenchError('UNAUTHENTICATED', { reason: 'several session cookies were sent' });
  return named[0] === undefined
    ? null
    : { from: 'cookie', secret: named[0].slice(SESSION_COOKIE.length + 1) };
}

/** Sessions are valid only in the cookie, tokens only in the header. */
const KINDS: Record<Credential['from'], readonly TokenKind[]> = {
  header: ['token', 'github'],
  cookie: ['session'],
};

/** A token, and the account that its limits apply to: of its sessions, or of its workflow run. */
export type CountedToken = Token & { readonly account: string };

/**
 * Finds the token of a credential and records its use.
 * @throws {UNAUTHENTICATED} It is malformed, unknown, expired or revoked.
 */
export async function tokenOf(store: Store, { from, secret }: Credential): Promise<CountedToken> {
  if (!hasForm(secret))
    throw new QibenchError('UNAUTHENTICATED', {
      reason: 'the value sent is not a token (is it complete?)',
    });
  const found = await findToken(store, secretDigest(secret));
  if (found === null || !KINDS[from].includes(found.token.kind))
    throw new QibenchError('UNAUTHENTICATED', { reason: 'this service does not know the token' });
  if (!found.valid)
    throw new QibenchError('UNAUTHENTICATED', {
      reason: 'the token has expired or was revoked',
    });
  await touchToken(store, found.token.id);
  return { ...found.token, account: found.account };
}

/**
 * Returns the access that a token grants. Only tokens of one project have a quota. The tokens of a
 * workflow run are one subject, so that their audit entries have one limit.
 */
export function accessOf(
  { id, account, kind, name, scopes, project }: CountedToken,
  quota: ProjectQuota,
): Access {
  return {
    subject: kind === 'github' ? name : `${name} (${id.slice(0, 8)})`,
    tokenId: id,
    account,
    scopes,
    project,
    quota: project === null ? null : quota,
  };
}
