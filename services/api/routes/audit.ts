// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { AuditList, AuditQuery } from '#contract/audit.js';
import { listAudit } from '#store/audit.js';
import type { Service } from '../service.js';

export function auditRoutes(server: FastifyInstance, { store }: Service): void {
  const list = {
    summary: 'Changes and refused requests, newest first',
    querystring: AuditQuery,
    response: { 200: AuditList },
  };
  server
    .withTypeProvider<ZodTypeProvider>()
    .get('/v1/audit', { schema: list }, async (request) => ({
      entries: await listAudit(store, request.query),
    }));
}
