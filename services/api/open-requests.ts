// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { QibenchError } from '#contract/error.js';

/**
 * Limits the unfinished requests of a token and its sessions. Requests to a service that is open on
 * loopback have no token and are not limited.
 */
export class OpenRequests {
  readonly #open = new Map<string, number>();

  /** @param refused Returns the error for a request above the limit. */
  constructor(
    private readonly limit: number,
    private readonly refused: (request: FastifyRequest, limit: number) => QibenchError,
  ) {}

  /** Counts a request until its response ends. */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const { account } = request.access;
    if (account === null) return;
    const before = this.#open.get(account) ?? 0;
    if (before >= this.limit) throw this.refused(request, this.limit);
    this.#open.set(account, before + 1);
    reply.raw.once('close', () => {
      const left = this.#open.get(account)! - 1;
      if (left === 0) this.#open.delete(account);
      else this.#open.set(account, left);
    });
  }
}
