// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Import, ImportRequest } from '#contract/import.js';
import { declaredMetrics } from '#contract/metric.js';
import { readDocument } from '#formats/formats.js';
import type { Service } from '../service.js';

export function importRoutes(server: FastifyInstance, { catalogue, compute }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const schema = {
    summary: 'Import results of another tool into a history',
    body: ImportRequest,
    response: { 201: Import },
  };
  typed.post('/v1/imports', { schema }, async (request, reply) => {
    const { format, document, direction } = request.body;
    return reply
      .status(201)
      .send(
        await compute.storeImport(
          request.body,
          readDocument(format, document, direction, declaredMetrics(catalogue.workloads)),
        ),
      );
  });
}
