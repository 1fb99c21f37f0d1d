import type { FastifyInstance } from 'fastify';

/** Of requests that are being answered; an orchestrator kills what has not ended after 10 s or more. */
const LIMIT_MS = 8_000;
const IDLE_MS = 100;

/** End a server: nothing new is taken, event streams end, what has been begun is answered, up to a limit. */
export async function closeServer(server: FastifyInstance): Promise<void> {
  // A connection that is kept for a next request would be waited for.
  const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_MS);
  const limit = setTimeout(() => server.server.closeAllConnections(), LIMIT_MS);
  try {
    await server.close();
  } finally {
    clearInterval(idle);
    clearTimeout(limit);
  }
}
