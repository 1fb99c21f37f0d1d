// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { asQibenchError, QibenchError } from '#contract/error.js';
import { toUnavailable } from '#store/outage.js';
import { BODY_LIMITS, REQUEST_TIMEOUT_MS, registerBodies } from './body.js';
import { limitBulk } from './bulk.js';
import { API_DOCS_POLICY, browserHeaders } from './browser-headers.js';
import { registerGate } from './auth/auth.js';
import { observeRequests, RequestLog } from './request-telemetry.js';
import { auditRoutes } from './routes/audit.js';
import { bundleRoutes } from './routes/bundle.js';
import { comparisonRoutes } from './routes/comparison.js';
import { hostRoutes } from './routes/hosts.js';
import { dashboardRoutes } from './routes/dashboard.js';
import { exportRoutes } from './routes/exports.js';
import { healthRoutes } from './routes/health.js';
import { historyRoutes } from './routes/history.js';
import { importRoutes } from './routes/imports.js';
import { metricRoutes } from './routes/metrics.js';
import { jobRoutes } from './routes/jobs.js';
import { jobStreamRoutes } from './routes/job-streams.js';
import { qemuRoutes } from './routes/qemu.js';
import { profileRoutes } from './routes/profiles.js';
import { queueRoutes } from './routes/queue.js';
import { sessionRoutes } from './routes/session.js';
import { tokenRoutes } from './routes/tokens.js';
import { traceRoutes } from './routes/traces.js';
import { trustRoutes } from './routes/trusts.js';
import { uploadRoutes } from './routes/uploads.js';
import { webhookRoutes } from './routes/webhooks.js';
import { workloadRoutes } from './routes/workloads.js';
import type { Service } from './service.js';

/** Milliseconds between searches for requests that exceed their time. */
const CHECK_INTERVAL_MS = 5_000;

const accessRoutes = [tokenRoutes, sessionRoutes, trustRoutes, auditRoutes];

/** Builds the HTTP API. Every error response has the body {error: ErrorBody}. */
export async function buildServer(service: Service): Promise<FastifyInstance> {
  const { log, metrics } = service.telemetry;
  const server = Fastify({
    bodyLimit: BODY_LIMITS.default,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node does not end slow bodies while the limit for headers is the longer one.
    http: {
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    forceCloseConnections: 'idle',
    trustProxy: [...service.accessSettings.trustProxy],
    loggerInstance: log as FastifyBaseLogger,
    logController: new RequestLog({ requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    // Errors before a route is found, like a malformed address.
    frameworkErrors: (error, _, reply) => {
      const known = toCatalogue(error, BODY_LIMITS.default);
      void (reply as FastifyReply)
        .status(known.http)
        .header('content-type', 'application/json; charset=utf-8')
        .send(JSON.stringify({ error: known.toBody() }));
    },
  });
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  registerBodies(server);
  observeRequests(server, metrics);
  await browserHeaders(server);
  await registerGate(server, service.store, service.accessSettings);
  limitBulk(server);
  await server.register(swagger, {
    openapi: {
      info: {
        title: 'qibench',
        version: service.version,
        description: 'Benchmarks of QEMU trace instrumentation',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: service.basePath,
    staticCSP: API_DOCS_POLICY,
  });
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());

  server.setErrorHandler((error, request, reply) => {
    const known = toCatalogue(error, request.routeOptions.bodyLimit);
    request.refusal = known.code;
    if (known.kind === 'bug') request.log.error(error);
    const shown = known.code === 'INTERNAL' ? internalError(request.id) : known;
    return reply
      .status(known.http)
      .header('content-type', 'application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ error: shown.toBody() });
  });
  server.setNotFoundHandler((request, reply) => {
    const error = new QibenchError('NOT_FOUND', {
      what: 'route',
      id: `${request.method} ${request.url}`,
    });
    return reply.status(404).send({ error: error.toBody() });
  });

  const all = [
    uploadRoutes,
    workloadRoutes,
    jobRoutes,
    jobStreamRoutes,
    queueRoutes,
    comparisonRoutes,
    profileRoutes,
    bundleRoutes,
    exportRoutes,
    importRoutes,
    historyRoutes,
    traceRoutes,
    qemuRoutes,
    hostRoutes,
    healthRoutes,
    metricRoutes,
    webhookRoutes,
    dashboardRoutes,
    ...accessRoutes,
  ];
  for (const routes of all) await server.register((scope) => routes(scope, service));
  return server;
}

/** Returns the answer to an unexpected failure: what failed is for the operator alone. */
function internalError(requestId: string): QibenchError {
  return new QibenchError('INTERNAL', { reason: `the API's log has it as requestId ${requestId}` });
}

function toCatalogue(error: unknown, bodyLimit: number): QibenchError {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const details = error.validation.map(({ instancePath, message }) => ({
      path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: message ?? 'is invalid',
    }));
    const summary = details
      .slice(0, 3)
      .map(({ path, message }) => `${path || '(body)'}: ${message}`)
      .join('; ');
    return new QibenchError('INVALID_REQUEST', { count: details.length, summary }, { details });
  }
  const { code, statusCode, message } = error as {
    code?: string;
    statusCode?: number;
    message: string;
  };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new QibenchError('TOO_LARGE', {
      what: 'the body',
      limitBytes: bodyLimit,
    });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new QibenchError('INVALID_REQUEST', {
      count: 1,
      summary:
        'content-type: this route does not accept it; send JSON as application/json, or an upload ' +
        'as application/x-tar',
    });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new QibenchError('INVALID_REQUEST', { count: 1, summary: message });
  return asQibenchError(toUnavailable(error));
}
