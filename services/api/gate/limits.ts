import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError } from '../../contract/error.js';
import type { AccessSettings } from '../settings.js';

const WINDOW_MS = 60_000;

export interface Limits {
  /** Errors: RATE_LIMITED. */
  anonymous(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Errors: RATE_LIMITED. */
  token(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Whether its address may try a credential. Errors: RATE_LIMITED. */
  attempt(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  failed(request: FastifyRequest): Promise<void>;
}

/** How often somebody may ask: counted by this process, in its memory. */
export function createLimits(
  server: FastifyInstance,
  { requestsPerMinute, failuresPerMinute }: AccessSettings,
): Limits {
  const byAddress = server.createRateLimit({ max: requestsPerMinute, timeWindow: WINDOW_MS });
  const byToken = server.createRateLimit({
    max: requestsPerMinute,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ access }) => access.tokenId!,
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
    token: take(byToken),
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
