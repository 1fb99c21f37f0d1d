// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';

/** Time for open requests to finish. Orchestrators kill a process after 10 s or more. */
const LIMIT_MS = 8_000;
const IDLE_MS = 100;

/**
 * Closes a server: rejects new connections, ends event streams and lets open requests finish
 * within LIMIT_MS.
 */
export async function closeServer(server: FastifyInstance): Promise<void> {
  // server.close() would wait for idle keep-alive connections.
  const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_MS);
  const limit = setTimeout(() => server.server.closeAllConnections(), LIMIT_MS);
  try {
    await server.close();
  } finally {
    clearInterval(idle);
    clearTimeout(limit);
  }
}
