// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Session, SessionRequest } from '#contract/token.js';
import type { Access } from '#domain/access.js';
import { endSession } from '#store/tokens.js';
import { accessOf, SESSION_COOKIE, tokenOf } from '../auth/credentials.js';
import { issueSession } from '../auth/issue.js';
import type { Service } from '../service.js';

const COOKIE_RULES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export function sessionRoutes(server: FastifyInstance, { store, accessSettings }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const shown = ({ subject, project, scopes }: Access): Session => ({
    subject,
    project,
    scopes: [...scopes],
    open: accessSettings.openOnLoopback,
  });

  const signIn = {
    summary: 'Sign in a browser: exchange a token for a session cookie',
    body: SessionRequest,
    response: { 201: Session },
  };
  typed.post('/v1/session', { schema: signIn }, async (request, reply) => {
    const token = await tokenOf(store, { from: 'header', secret: request.body.token });
    const { session, secret, maxAgeSeconds } = await issueSession(store, token);
    request.access = accessOf({ ...session, account: token.account }, accessSettings.quota);
    return reply
      .header(
        'set-cookie',
        `${SESSION_COOKIE}=${secret}; ${COOKIE_RULES}; Max-Age=${maxAgeSeconds}`,
      )
      .status(201)
      .send(shown(request.access));
  });

  typed.get(
    '/v1/session',
    { schema: { summary: 'Identity and rights of the caller', response: { 200: Session } } },
    (request) => shown(request.access),
  );

  typed.delete(
    '/v1/session',
    { schema: { summary: 'Sign out', response: { 200: Session } } },
    async (request, reply) => {
      if (request.access.tokenId !== null) await endSession(store, request.access.tokenId);
      return reply
        .header('set-cookie', `${SESSION_COOKIE}=; ${COOKIE_RULES}; Max-Age=0`)
        .send(shown(request.access));
    },
  );
}
