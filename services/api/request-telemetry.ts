// SPDX-License-Identifier: GPL-2.0-or-later
import { LogController, type FastifyInstance } from 'fastify';
import { Histogram, type Registry } from '#telemetry/metrics.js';

/** Routes that machines poll every few seconds. */
const QUIET_ROUTES = ['/metrics', '/v1/live', '/v1/ready', '/v1/health'];

/** Turns off Fastify's own log lines per request: they contain the raw URL. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}
  override requestCompleted(): void {}
  override routeNotFound(): void {}
}

/**
 * Logs each request and observes its duration. Both use the route's pattern instead of the raw
 * URL, which is untrusted.
 */
export function observeRequests(server: FastifyInstance, metrics: Registry): void {
  const durations = new Histogram({
    name: 'qibench_http_request_duration_seconds',
    help: 'Seconds from a request to the end of its response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  server.addHook(
    'onRequest',
    async (request, reply) => void reply.header('x-request-id', request.id),
  );
  server.addHook(
    'onResponse',
    async ({ routeOptions, method, params, log, access, refusal }, reply) => {
      const { url: route } = routeOptions;
      const { statusCode: status, elapsedTime: durationMs } = reply;
      durations.observe(
        route === undefined ? { method: 'any', route: 'none', status } : { method, route, status },
        durationMs / 1000,
      );
      const { id } = (params ?? {}) as { id?: unknown };
      const quiet = QUIET_ROUTES.includes(route ?? '');
      const level = status >= 500 ? (quiet ? 'warn' : 'error') : quiet ? 'debug' : 'info';
      log[level](
        {
          method,
          route: route ?? null,
          status,
          durationMs: Math.round(durationMs * 10) / 10,
          code: refusal ?? undefined,
          ...(access === undefined
            ? {}
            : { subject: access.subject, tokenId: access.tokenId ?? undefined }),
          ...(route?.startsWith('/v1/jobs/:id') && typeof id === 'string'
            ? { jobId: id.slice(0, 36) }
            : {}),
        },
        'request',
      );
    },
  );
}
