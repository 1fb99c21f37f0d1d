// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import type { Credential } from './credentials.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export const isUnsafe = (method: string): boolean => !SAFE_METHODS.includes(method);

/**
 * Rejects state-changing requests from pages of other sites (CSRF). Such pages could use what the
 * browser adds by itself: the cookie and, on loopback, the access to this machine. A browser never
 * adds the header with a token.
 * @throws {OTHER_SITE} The request comes from another site or has a cookie but no Origin.
 */
export function checkOrigin(
  { method, headers, host }: FastifyRequest,
  credential: Credential | null,
): void {
  if (!isUnsafe(method) || credential?.from === 'header') return;
  const { origin } = headers;
  if (origin === undefined) {
    if (credential !== null)
      throw new QibenchError('OTHER_SITE', {
        reason: 'the request has a session cookie but no Origin header',
      });
    return;
  }
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new QibenchError('OTHER_SITE', { reason: 'the request is from a page of another site' });
}

/**
 * Limits an open service to direct requests from this machine. A foreign host name that resolves to
 * loopback (DNS rebinding) would give its page the same origin. A proxy would admit other machines.
 * @throws {OTHER_SITE} The host name is not a loopback name, or a proxy forwarded the request.
 */
export function rejectProxiedLoopback({ hostname, headers }: FastifyRequest): void {
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname))
    throw new QibenchError('OTHER_SITE', {
      reason: 'a service without tokens answers only to the names localhost and 127.0.0.1',
    });
  const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].find(
    (name) => headers[name] !== undefined,
  );
  if (proxied !== undefined)
    throw new QibenchError('OTHER_SITE', {
      reason: `a service without tokens cannot be used through a proxy (header ${proxied})`,
    });
}
