import { z } from 'zod';
import { ProjectName } from './project.js';

/** What a token may do. `jobs:read` includes results and traces; `admin` is everything. */
export const Scope = z.enum(['jobs:read', 'jobs:write', 'admin']);
export type Scope = z.infer<typeof Scope>;

export const TokenRequest = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9 ._/@:-]{0,99}$/,
        'letters, digits, spaces and . _ / @ : -, beginning with a letter or digit, at most 100',
      )
      .describe('what it is for'),
    project: ProjectName.nullable().default(null).describe('null: all projects'),
    scopes: z.array(Scope).min(1).max(3),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null).describe('null: never'),
  })
  .refine(({ project, scopes }) => project === null || !scopes.includes('admin'), {
    path: ['scopes'],
    error: 'admin is over all projects',
  });
export type TokenRequest = z.infer<typeof TokenRequest>;

/** `session`: of a browser, opened with a token; `github`: given to a workflow for its id-token. */
export const TokenKind = z.enum(['token', 'session', 'github']);
export type TokenKind = z.infer<typeof TokenKind>;

/** A token without its secret, which is not kept. */
export const Token = z.object({
  id: z.uuid(),
  kind: TokenKind,
  name: z.string(),
  project: z.string().nullable(),
  scopes: z.array(Scope),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable().describe('to the minute'),
});
export type Token = z.infer<typeof Token>;
export const TokenList = z.object({ tokens: z.array(Token) });
export type TokenList = z.infer<typeof TokenList>;

export const NewToken = Token.extend({
  token: z.string().describe('the secret: shown now and never again'),
});
export type NewToken = z.infer<typeof NewToken>;

export const SessionRequest = z.strictObject({ token: z.string().max(200) });

/** Who asks. */
export const Session = z.object({
  subject: z.string(),
  project: z.string().nullable(),
  scopes: z.array(Scope),
  open: z.boolean().describe('the service is open on loopback: nobody signs in'),
});
export type Session = z.infer<typeof Session>;

export const GithubTokenRequest = z.strictObject({
  idToken: z.string().max(16_384).describe('of the workflow, for the audience of this service'),
  project: ProjectName.optional().describe('needed where the repository is trusted with several'),
});
