// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { bulk } from '../bulk.js';
import { bundleJob } from '../bundle.js';
import type { Service } from '../service.js';
import { existingJob, JobParams } from './jobs.js';

export function bundleRoutes(server: FastifyInstance, { store, compute, version }: Service): void {
  const get = {
    summary: 'Tar of inputs and results, from which `qibench job reproduce` runs the job again',
    params: JobParams,
  };
  server
    .withTypeProvider<ZodTypeProvider>()
    .get(
      '/v1/jobs/:id/bundle',
      { schema: get, config: bulk('download') },
      async (request, reply) => {
        const job = await existingJob(store, request.params.id);
        const name = `attachment; filename="qibench-${job.id}.tar"`;
        const comparison = await compute.compare(job, { metric: 'wallNs', mixedHosts: true });
        const tar = await bundleJob(store, job, comparison, version);
        request.raw.once('close', () => tar.destroy());
        return reply
          .header('content-type', 'application/x-tar')
          .header('content-disposition', name)
          .send(tar);
      },
    );
}
