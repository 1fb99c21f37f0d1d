// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS } from '#domain/access.js';
import type { Store } from '#store/store.js';
import { writeAudit } from '#store/audit.js';
import { ruleOf } from '../access.js';
import { AnonymousRefusals } from './anonymous-refusals.js';
import { isUnsafe } from './sites.js';

const PATH_LIMIT = 300;
const REFUSALS = [401, 403];
const QUIET_MS = 60_000;

/**
 * Creates the hook that records changes and refused requests in the audit log.
 * It never records a body, a header or a query.
 */
export function createAudit(
  store: Store,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  /**
   * Time until which refusals by the rate limit are not recorded again, per caller: a flood of
   * requests must not become a flood of rows.
   */
  const recordedUntil = new Map<string, number>();
  const anonymousRefusals = new AnonymousRefusals();

  return async (request, reply) => {
    const { routeOptions, method, url, ip, access, refusal, hidden } = request;
    if (routeOptions.url === undefined) return; // unknown route
    if (
      !isUnsafe(method) &&
      !REFUSALS.includes(reply.statusCode) &&
      reply.statusCode !== 429 &&
      !hidden
    )
      return;
    const refused = reply.statusCode >= 400;
    if (!refused && ruleOf(method, routeOptions.url)?.unrecorded === true) return;
    const { subject } = access;
    if (reply.statusCode === 429) {
      const key = `${subject} ${ip}`;
      if ((recordedUntil.get(key) ?? 0) > Date.now()) return;
      if (recordedUntil.size > 10_000) recordedUntil.clear();
      recordedUntil.set(key, Date.now() + QUIET_MS);
    }
    if (refused && subject === ANONYMOUS.subject && !anonymousRefusals.admits(ip)) return;
    const entry = {
      subject,
      action: `${method} ${routeOptions.url}`,
      object: url.split('?')[0]!.slice(0, PATH_LIMIT),
      outcome: refusal ?? 'ok',
      ip,
    };
    // A failure is only logged: the request has already taken effect.
    await writeAudit(store, entry).catch((error: unknown) => request.log.error(error));
  };
}
