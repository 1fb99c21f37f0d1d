// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';

interface Line {
  open: number;
  readonly waiting: (() => void)[];
}

/** The rules of OpenRequests. */
interface OpenLimits {
  /** Unfinished requests of a caller. */
  readonly open: number;
  /** Further requests of a caller that wait until one of these ends; 0: they are refused. */
  readonly waiting: number;
  /** Returns who the caller is; null: no limit. */
  readonly caller: (request: FastifyRequest) => string | null;
  /** Returns the error for a request above the limits. */
  readonly refused: (request: FastifyRequest, limit: number) => QibenchError;
}

/**
 * Limits the unfinished requests of a caller. Requests to a service that is open on loopback have
 * no token and are not limited.
 */
export class OpenRequests {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly limits: OpenLimits) {}

  /**
   * Counts a request until its response ends. Resolves when it may begin.
   * @throws {UNAVAILABLE} The client disconnected while the request waited.
   * @throws The error of the limits.
   */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { open, waiting, caller, refused } = this.limits;
    const key = caller(request);
    if (key === null) return;
    const line = this.#lines.get(key) ?? { open: 0, waiting: [] };
    if (line.open >= open && line.waiting.length >= waiting) throw refused(request, open);
    this.#lines.set(key, line);

    let closed = false;
    let entered = false;
    const leave = () => {
      const next = line.waiting.shift();
      if (next !== undefined) return next(); // it takes this place
      line.open -= 1;
      if (line.open === 0) this.#lines.delete(key);
    };
    reply.raw.once('close', () => {
      closed = true;
      if (entered) leave();
    });
    if (line.open < open) line.open += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    entered = true;
    if (!closed) return;
    leave();
    throw new QibenchError('UNAVAILABLE', { what: 'the client', reason: 'it disconnected' });
  }
}
