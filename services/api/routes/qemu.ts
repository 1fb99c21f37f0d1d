// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { QibenchError } from '#contract/error.js';
import { EventList, EventQuery, QemuVersionList } from '#contract/qemu.js';
import { WorkloadDefinition, WorkloadList } from '#contract/workload.js';
import { searchEvents } from '#domain/event-search.js';
import type { Service } from '../service.js';

export function qemuRoutes(server: FastifyInstance, { catalogue }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  typed.get('/v1/qemu', { schema: { response: { 200: QemuVersionList } } }, () => ({
    versions: [...catalogue.qemu],
  }));
  typed.get(
    '/v1/qemu/:version/events',
    {
      schema: {
        params: z.object({ version: z.string().max(32) }),
        querystring: EventQuery,
        response: { 200: EventList },
      },
    },
    (request) => {
      const { version } = request.params;
      if (!Object.hasOwn(catalogue.versions, version))
        throw new QibenchError(
          'NOT_FOUND',
          { what: 'QEMU version', id: version },
          {
            details: [
              {
                path: 'version',
                message: `supported: ${Object.keys(catalogue.versions).join(', ')}`,
              },
            ],
          },
        );
      const events = searchEvents(catalogue.versions[version]!.events, request.query);
      return { version, total: events.length, events: events.slice(0, request.query.limit) };
    },
  );

  typed.get('/v1/workloads', { schema: { response: { 200: WorkloadList } } }, () => ({
    workloads: [...catalogue.workloads],
  }));
  typed.get(
    '/v1/workloads/:name',
    {
      schema: {
        params: z.object({ name: z.string().max(64) }),
        response: { 200: WorkloadDefinition },
      },
    },
    (request) => {
      const workload = catalogue.workloads.find(({ name }) => name === request.params.name);
      if (workload === undefined)
        throw new QibenchError('NOT_FOUND', { what: 'workload', id: request.params.name });
      return workload;
    },
  );
}
