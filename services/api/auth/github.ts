// SPDX-License-Identifier: GPL-2.0-or-later
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import type { NewToken } from '#contract/token.js';
import type { Trust } from '#contract/trust.js';
import { globMatcher } from '#domain/glob.js';
import type { Store } from '#store/store.js';
import { exchangeIdToken, listTrusts } from '#store/trusts.js';
import { secretDigest, newSecret } from './secret.js';

const TOLERANCE_SECONDS = 60;
/** With the tolerance, an id-token is refused once it is ten minutes old. */
const MAX_AGE_SECONDS = 540;
/** A workflow that runs longer requests another id-token from GitHub and exchanges it. */
const TOKEN_MS = 15 * 60_000;
const FETCH_LIMIT_MS = 5_000;

/**
 * Claims of an id-token. Repositories are identified by id, since GitHub reuses names.
 * @see docs.github.com, "OpenID Connect reference" of GitHub Actions.
 */
const Claims = z.object({
  aud: z.string(), // exactly one: a second audience could replay the token here
  jti: z.string().min(1).max(200),
  exp: z.number(),
  repository_id: z.string().regex(/^\d{1,19}$/),
  repository: z.string().max(250),
  ref: z.string().max(300),
  event_name: z.string().max(100),
  run_id: z.string().max(30),
});
export type Claims = z.infer<typeof Claims>;

/**
 * Verifies an id-token and returns its claims.
 * @throws {BAD_ID_TOKEN} The signature or a claim is invalid.
 * @throws {UNAVAILABLE} The issuer's keys cannot be fetched.
 */
export type VerifyIdToken = (idToken: string) => Promise<Claims>;

/**
 * Creates the verifier for id-tokens of one issuer and audience.
 * It fetches keys only from the issuer and ignores any key that the token names.
 */
export function idTokenVerifier({
  issuer,
  audience,
  cooldownMs = 30_000,
}: {
  issuer: string;
  audience: string;
  cooldownMs?: number;
}): VerifyIdToken {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks`), {
    cooldownDuration: cooldownMs,
    timeoutDuration: FETCH_LIMIT_MS,
  });
  return async (idToken) => {
    try {
      const { payload } = await jwtVerify(idToken, keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        clockTolerance: TOLERANCE_SECONDS,
        maxTokenAge: MAX_AGE_SECONDS,
        requiredClaims: ['exp', 'iat', 'jti'],
      });
      return Claims.parse(payload);
    } catch (error) {
      const refused =
        error instanceof z.ZodError ||
        (error instanceof errors.JOSEError &&
          !(error instanceof errors.JWKSTimeout) &&
          error.code !== 'ERR_JOSE_GENERIC');
      if (!refused)
        throw new QibenchError(
          'UNAVAILABLE',
          {
            what: 'the issuer of id-tokens',
            reason: error instanceof Error ? error.message : String(error),
          },
          { cause: error },
        );
      throw new QibenchError(
        'BAD_ID_TOKEN',
        {
          reason:
            error instanceof z.ZodError
              ? `the claim ${error.issues[0]!.path.join('.')} is missing or malformed`
              : error.message,
        },
        { cause: error },
      );
    }
  };
}

/**
 * Exchanges an id-token for a short-lived token of the project that trusts its repository.
 * @param wanted Project; needed only if several trust the repository.
 * @throws {NOT_TRUSTED} No project trusts the repository for this ref and event.
 * @throws {BAD_ID_TOKEN} The id-token was used before.
 * @throws {INVALID_REQUEST} Several projects trust it and `wanted` is missing.
 */
export async function exchange(store: Store, claims: Claims, wanted?: string): Promise<NewToken> {
  const project = trustedProject(claims, await listTrusts(store, claims.repository_id), wanted);
  const secret = newSecret();
  const token = await exchangeIdToken(
    store,
    { jti: claims.jti, expiresAt: new Date((claims.exp + TOLERANCE_SECONDS) * 1000) },
    {
      kind: 'github',
      name: `github ${claims.repository} run ${claims.run_id}`
        .replace(/[^A-Za-z0-9 ._/-]/g, '_')
        .slice(0, 100),
      project,
      scopes: ['jobs:read', 'jobs:write'],
      expiresAt: new Date(Date.now() + TOKEN_MS).toISOString(),
      digest: secretDigest(secret),
    },
  );
  if (token === null)
    throw new QibenchError('BAD_ID_TOKEN', { reason: 'it was used before; each is valid once' });
  return { ...token, token: secret };
}

function trustedProject(
  { repository, repository_id, ref, event_name }: Claims,
  trusts: readonly Trust[],
  wanted?: string,
): string {
  const fit = trusts.filter(
    (trust) =>
      (trust.events as string[]).includes(event_name) &&
      globMatcher(trust.ref)(ref) &&
      (wanted ?? trust.project) === trust.project,
  );
  const projects = [...new Set(fit.map(({ project }) => project))];
  if (projects.length === 0)
    throw new QibenchError('NOT_TRUSTED', {
      repository,
      repositoryId: repository_id,
      ref,
      event: event_name,
    });
  if (projects.length > 1)
    throw new QibenchError('INVALID_REQUEST', {
      count: 1,
      summary: `project: several projects trust the repository; name one of ${projects.join(', ')}`,
    });
  return projects[0]!;
}
