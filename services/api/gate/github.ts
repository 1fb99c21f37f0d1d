import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { QibenchError } from '../../contract/error.js';
import type { NewToken } from '../../contract/token.js';
import type { Trust } from '../../contract/trust.js';
import { matchesGlob } from '../../domain/glob.js';
import type { Store } from '../../store/store.js';
import { exchangeIdToken, listTrusts } from '../../store/trusts.js';
import { digestOf, newSecret } from './secret.js';

const TOLERANCE_SECONDS = 60;
/** With the tolerance, an id-token is refused from ten minutes on. */
const MAX_AGE_SECONDS = 540;
/** A workflow that needs longer asks GitHub for another id-token, which it may at any time, and exchanges that. */
const TOKEN_MS = 15 * 60_000;
const FETCH_LIMIT_MS = 5_000;

/** Source: "OpenID Connect reference" of GitHub Actions. Names of repositories are given to others; numbers are not. */
const Claims = z.object({
  aud: z.string(), // one: a token that is also for somebody else is theirs to send here
  jti: z.string().min(1).max(200),
  exp: z.number(),
  repository_id: z.string().regex(/^\d{1,19}$/),
  repository: z.string().max(250),
  ref: z.string().max(300),
  event_name: z.string().max(100),
  run_id: z.string().max(30),
});
export type Claims = z.infer<typeof Claims>;

/** Who an id-token says that its bearer is. Errors: BAD_ID_TOKEN, UNAVAILABLE. */
export type VerifyIdToken = (idToken: string) => Promise<Claims>;

/** Id-tokens of one issuer for one audience. Keys come from the issuer alone, whatever the token names. */
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
              ? `the claim ${error.issues[0]!.path.join('.')} is not as GitHub has it`
              : error.message,
        },
        { cause: error },
      );
    }
  };
}

/** A short-lived token of the project that the repository is trusted with. Errors: NOT_TRUSTED, BAD_ID_TOKEN, INVALID_REQUEST. */
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
      digest: digestOf(secret),
    },
  );
  if (token === null)
    throw new QibenchError('BAD_ID_TOKEN', { reason: 'it has been used before; each counts once' });
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
      matchesGlob(trust.ref, ref) &&
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
      summary: `project: the repository is trusted with several; name one of ${projects.join(', ')}`,
    });
  return projects[0]!;
}
