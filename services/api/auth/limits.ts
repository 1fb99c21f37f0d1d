// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import type { AccessSettings } from '../settings.js';

const WINDOW_MS = 60_000;

export interface Limits {
  /**
   * Counts a request without a token by its address.
   * @throws {RATE_LIMITED} The address has reached its limit.
   */
  anonymous(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * Counts a request by its token; a session counts for the token that opened it, and the tokens of
   * a workflow run count together.
   * @throws {RATE_LIMITED} The token has reached its limit.
   */
  account(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /**
   * Checks that the address may try a credential.
   * @throws {RATE_LIMITED} The address has failed too often.
   */
  attempt(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Counts a failed authentication, or another refused attempt, by its address. */
  failed(request: FastifyRequest): Promise<void>;
}

/** Creates the rate limits, kept in memory per process. */
export function createLimits(
  server: FastifyInstance,
  { requestsPerMinute, failuresPerMinute }: AccessSettings,
): Limits {
  const byAddress = server.createRateLimit({ max: requestsPerMinute, timeWindow: WINDOW_MS });
  const byAccount = server.createRateLimit({
    max: requestsPerMinute,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ access }) => access.account!,
  });
  const failures = server.createRateLimit({ max: failuresPerMinute, timeWindow: WINDOW_MS });

  const refuse = (reply: FastifyReply, limit: number, seconds: number): never => {
    reply.header('retry-after', seconds);
    throw new QibenchError('RATE_LIMITED', { limit, seconds });
  };
  const take =
    (limiter: typeof byAddress) => async (request: FastifyRequest, reply: FastifyReply) => {
      const taken = await limiter(request);
      if (!taken.isAllowed && taken.isExceeded) refuse(reply, taken.max, taken.ttlInSeconds);
    };
  return {
    anonymous: take(byAddress),
    account: take(byAccount),
    async attempt(request, reply) {
      const { isAllowed, ...rest } = await failures(request, { increment: false });
      if (!isAllowed && 'remaining' in rest && rest.remaining === 0)
        refuse(reply, rest.max, Math.max(1, rest.ttlInSeconds));
    },
    async failed(request) {
      await failures(request);
    },
  };
}
