// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenError } from '#telemetry/listen-error.js';
import { checkReadiness, type Check } from '#telemetry/readiness.js';
import type { Registry } from '#telemetry/metrics.js';

/** The worker's HTTP server for its operator. */
export interface OperatorServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

/**
 * Serves `/metrics`, `/live` and `/ready` of a worker to its operator. It needs no token, so only
 * the operator's network may reach it. No request ends the worker.
 */
export async function serveOperator(
  { host, port, version }: { host: string; port: number; version: string },
  metrics: Registry,
  checks: Readonly<Record<string, Check>>,
): Promise<OperatorServer> {
  const answers: Record<string, () => Promise<Answer>> = {
    '/metrics': async () => ({ type: metrics.contentType, body: await metrics.metrics() }),
    '/live': async () => ({
      body: JSON.stringify({ live: true, version, upSeconds: Math.round(process.uptime()) }),
    }),
    '/ready': async () => {
      const readiness = await checkReadiness(checks);
      return { status: readiness.ready ? 200 : 503, body: JSON.stringify(readiness) };
    },
  };
  const respond = async ({ method, url = '/' }: IncomingMessage): Promise<Answer> => {
    const path = url.split('?', 1)[0]!;
    return method === 'GET' && Object.hasOwn(answers, path)
      ? answers[path]!()
      : { status: 404, body: '{}' };
  };
  const server = createServer((request, response) => {
    void respond(request)
      .catch((): Answer => ({ status: 500, body: '{}' }))
      .then(({ status = 200, type = 'application/json; charset=utf-8', body }) =>
        response
          .writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
          .end(body),
      )
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) =>
    server
      // Also later: a connection that cannot be accepted is an error without a consequence.
      .on('error', (error) =>
        reject(
          listenError(error, {
            host: { setting: 'QIBENCH_METRICS_HOST', value: host },
            port: { setting: 'QIBENCH_METRICS_PORT', value: port },
          }),
        ),
      )
      .listen(port, host, resolve),
  );
  const { address, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${actual}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
