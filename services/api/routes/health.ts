// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { Health, Liveness, Readiness } from '#contract/health.js';
import { missingMigrations, takesWrites } from '#store/readiness.js';
import { countJobs } from '#store/scrape.js';
import { checkReadiness } from '#telemetry/readiness.js';
import type { Service } from '../service.js';

export function healthRoutes(
  server: FastifyInstance,
  { store, compute, queueHealthy, version, migrations }: Service,
): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/v1/health',
    { schema: { response: { 200: Health, 503: Health } } },
    async (_, reply) => {
      const [counts, redis] = await Promise.all([
        countJobs(store).catch(() => null),
        queueHealthy().catch(() => false),
      ]);
      const healthy = counts !== null && redis;
      return reply.status(healthy ? 200 : 503).send({
        status: healthy ? 'ok' : 'degraded',
        version,
        postgres: counts !== null,
        redis,
        queued: counts?.queued ?? 0,
        running: counts?.running ?? 0,
      });
    },
  );

  const live = {
    summary: 'Whether the process answers; if not, restart it',
    response: { 200: Liveness },
  };
  typed.get('/v1/live', { schema: live }, async () => ({
    live: true as const,
    version,
    upSeconds: Math.round(process.uptime()),
  }));

  const ready = {
    summary: 'Whether the API can do its work; if not, route requests to another process',
    response: { 200: Readiness, 503: Readiness },
  };
  typed.get('/v1/ready', { schema: ready }, async (_, reply) => {
    const readiness = await checkReadiness({
      migrations: async () => {
        const missing = await missingMigrations(store, migrations);
        return missing.length === 0 ? null : `not applied: ${missing.join(', ')}`;
      },
      postgres: async () => ((await takesWrites(store)) ? null : 'rejects writes'),
      compute: () => compute.problem(),
      redis: async () => ((await queueHealthy()) ? null : 'does not answer'),
    });
    return reply.status(readiness.ready ? 200 : 503).send(readiness);
  });
}
