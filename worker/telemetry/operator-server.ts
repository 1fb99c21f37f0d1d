// SPDX-License-Identifier: GPL-2.0-or-later
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
 * the operator's network may reach it.
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
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://worker');
    const answer =
      request.method === 'GET' && Object.hasOwn(answers, pathname)
        ? answers[pathname]!
        : async (): Promise<Answer> => ({ status: 404, body: '{}' });
    void answer().then(
      ({ status = 200, type = 'application/json; charset=utf-8', body }) =>
        response
          .writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
          .end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, host, resolve),
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
