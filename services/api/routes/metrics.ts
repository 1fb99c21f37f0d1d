// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.js';
import { storeMetrics } from '../store-metrics.js';

export function metricRoutes(
  server: FastifyInstance,
  { store, telemetry, traceLimits }: Service,
): void {
  const { metrics, log } = telemetry;
  const read = storeMetrics(metrics, store, log, traceLimits);
  server.get(
    '/metrics',
    { schema: { summary: 'Metrics for Prometheus', hide: true } },
    async (_, reply) => {
      const stored = await read(); // first, since it counts failed parts
      return reply
        .header('content-type', metrics.contentType)
        .send(`${await metrics.metrics()}\n${stored}`);
    },
  );
}
