// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Queue } from '#contract/queue.js';
import { estimateQueue } from '#domain/estimate.js';
import { lackingWorker } from '#domain/requirements.js';
import { jobsForEstimates } from '#store/active-jobs.js';
import { liveOffers } from '#store/workers.js';
import { bulk } from '../bulk.js';
import type { Service } from '../service.js';

export function queueRoutes(server: FastifyInstance, { store }: Service): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/v1/queue',
    {
      schema: {
        summary: 'Jobs that have not ended: progress, place in the queue, estimated times',
        response: { 200: Queue },
      },
      config: bulk('overview'),
    },
    async () => {
      const { active, past } = await jobsForEstimates(store);
      const offers = await liveOffers(store);
      const lacking = new Map(
        active
          .filter(({ state }) => state === 'queued')
          .map((job) => [job.id, lackingWorker(job, offers)]),
      );
      return {
        jobs: estimateQueue(active, past, Date.now()).map((entry) => ({
          ...entry,
          lacking: lacking.get(entry.jobId) ?? null,
        })),
      };
    },
  );
}
