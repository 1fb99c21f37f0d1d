// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { GithubTokenRequest, NewToken, Token, TokenList, TokenRequest } from '#contract/token.js';
import { listTokens, revokeToken } from '#store/tokens.js';
import { exchange, idTokenVerifier } from '../auth/github.js';
import { issueToken } from '../auth/issue.js';
import type { Service } from '../service.js';

export function tokenRoutes(server: FastifyInstance, { store, accessSettings }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const verify = accessSettings.github === null ? null : idTokenVerifier(accessSettings.github);

  const create = {
    summary: 'Create a token; its secret is shown only once',
    body: TokenRequest,
    response: { 201: NewToken },
  };
  typed.post('/v1/tokens', { schema: create }, async (request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .status(201)
      .send(await issueToken(store, request.body)),
  );

  typed.get('/v1/tokens', { schema: { response: { 200: TokenList } } }, async () => ({
    tokens: await listTokens(store),
  }));
  typed.delete(
    '/v1/tokens/:id',
    {
      schema: {
        summary: 'Revoke a token',
        params: z.object({ id: z.uuid('a token id: a UUID') }),
        response: { 200: Token },
      },
    },
    (request) => revokeToken(store, request.params.id),
  );

  const github = {
    summary: 'Exchange the id-token of a GitHub workflow for a token valid for fifteen minutes',
    body: GithubTokenRequest,
    response: { 201: NewToken },
  };
  typed.post('/v1/tokens/github', { schema: github }, async (request, reply) => {
    if (verify === null)
      throw new QibenchError('BAD_ID_TOKEN', {
        reason: 'this service does not accept id-tokens: QIBENCH_GITHUB_AUDIENCE is not set',
      });
    const token = await exchange(store, await verify(request.body.idToken), request.body.project);
    request.access = { ...request.access, subject: token.name };
    return reply.header('cache-control', 'no-store').status(201).send(token);
  });
}
