// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Import, IMPORT_LIMITS, ImportRequest } from '#contract/import.js';
import { BODY_LIMITS } from '../body.js';
import type { Service } from '../service.js';

export function importRoutes(server: FastifyInstance, { compute }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const schema = {
    summary: 'Import results of another tool into a history',
    body: ImportRequest,
    response: { 201: Import },
  };
  const limits = {
    bodyLimit: BODY_LIMITS.large,
    config: { fieldsLimit: 2 * IMPORT_LIMITS.results },
  };
  typed.post('/v1/imports', { schema, ...limits }, async (request, reply) => {
    const stored = await compute.storeImport(request.body, request.access.quota);
    // The thread has serialised it.
    return reply
      .status(201)
      .type('application/json; charset=utf-8')
      .send(Buffer.from(stored) as never);
  });
}
