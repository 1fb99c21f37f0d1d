// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { ProjectName } from './project.js';

/** Permissions of a token. `jobs:read` includes results and traces; `admin` includes everything. */
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
      .describe('purpose of the token'),
    project: ProjectName.nullable().default(null).describe('null: all projects'),
    scopes: z.array(Scope).min(1).max(3),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null).describe('null: never'),
  })
  .refine(({ project, scopes }) => project === null || !scopes.includes('admin'), {
    path: ['scopes'],
    error: 'admin applies to all projects, so project must be null',
  });
export type TokenRequest = z.infer<typeof TokenRequest>;

/** `session`: opened by a browser with a token; `github`: issued to a workflow for its id-token. */
export const TokenKind = z.enum(['token', 'session', 'github']);
export type TokenKind = z.infer<typeof TokenKind>;

/** A token without its secret, which is not stored. */
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

/** Identity of the caller. */
export const Session = z.object({
  subject: z.string(),
  project: z.string().nullable(),
  scopes: z.array(Scope),
  open: z.boolean().describe('authentication is disabled, on loopback only: no sign-in is needed'),
});
export type Session = z.infer<typeof Session>;

export const GithubTokenRequest = z.strictObject({
  idToken: z.string().max(16_384).describe("id-token of the workflow, for this service's audience"),
  project: ProjectName.optional().describe(
    'required if the repository is trusted with several projects',
  ),
});
