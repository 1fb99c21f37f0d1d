import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Store } from '../../store/store.js';
import { writeAudit } from '../../store/audit.js';
import { isUnsafe } from './sites.js';

const PATH_LIMIT = 300;
const REFUSALS = [401, 403];
const QUIET_MS = 60_000;

/** Writes down what was changed and what was refused: never a body, a header or a query. */
export function createAudit(
  store: Store,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  /** Until when somebody who asks too often has been written down: a flood is not to become one of rows. */
  const told = new Map<string, number>();

  return async (request, reply) => {
    const { routeOptions, method, url, ip, access, refusal, hidden } = request;
    if (routeOptions.url === undefined) return; // there is nothing
    if (
      !isUnsafe(method) &&
      !REFUSALS.includes(reply.statusCode) &&
      reply.statusCode !== 429 &&
      !hidden
    )
      return;
    const { subject } = access;
    if (reply.statusCode === 429) {
      const key = `${subject} ${ip}`;
      if ((told.get(key) ?? 0) > Date.now()) return;
      if (told.size > 10_000) told.clear();
      told.set(key, Date.now() + QUIET_MS);
    }
    const entry = {
      subject,
      action: `${method} ${routeOptions.url}`,
      object: url.split('?')[0]!.slice(0, PATH_LIMIT),
      outcome: refusal ?? 'ok',
      ip,
    };
    await writeAudit(store, entry).catch((error: unknown) => request.log.error(error)); // what was done is done
  };
}
