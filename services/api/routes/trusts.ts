// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Trust, TrustList, TrustRequest } from '#contract/trust.js';
import { addTrust, listTrusts, removeTrust } from '#store/trusts.js';
import type { Service } from '../service.js';

export function trustRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const add = {
    summary: 'Trust a repository: its workflows get tokens of a project',
    body: TrustRequest,
    response: { 201: Trust },
  };
  typed.post('/v1/trusts', { schema: add }, async (request, reply) =>
    reply.status(201).send(await addTrust(store, request.body)),
  );
  typed.get('/v1/trusts', { schema: { response: { 200: TrustList } } }, async () => ({
    trusts: await listTrusts(store),
  }));
  typed.delete(
    '/v1/trusts/:id',
    {
      schema: { params: z.object({ id: z.uuid('a trust id: a UUID') }), response: { 200: Trust } },
    },
    (request) => removeTrust(store, request.params.id),
  );
}
