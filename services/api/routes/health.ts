import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Health } from '../../contract/health.js';
import { countJobs } from '../../store/jobs.js';
import type { Service } from '../server.js';

export function healthRoutes(server: FastifyInstance, { store, queueHealthy, version }: Service): void {
  server.withTypeProvider<ZodTypeProvider>().get('/v1/health', { schema: { response: { 200: Health, 503: Health } } }, async (_, reply) => {
    const [counts, redis] = await Promise.all([countJobs(store).catch(() => null), queueHealthy().catch(() => false)]);
    const healthy = counts !== null && redis;
    return reply.status(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'degraded', version, postgres: counts !== null, redis, queued: counts?.queued ?? 0, running: counts?.running ?? 0 });
  });
}
