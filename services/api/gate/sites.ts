import type { FastifyRequest } from 'fastify';
import { QibenchError } from '../../contract/error.js';
import type { Credential } from './credentials.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export const isUnsafe = (method: string): boolean => !SAFE_METHODS.includes(method);

/**
 * Pages of other sites cannot act with what a browser adds by itself: the cookie, and on loopback the way to it. A
 * token in the header no browser adds. Errors: OTHER_SITE.
 */
export function refuseOtherSites(
  { method, headers, host }: FastifyRequest,
  credential: Credential | null,
): void {
  if (!isUnsafe(method) || credential?.from === 'header') return;
  const { origin } = headers;
  if (origin === undefined) {
    if (credential !== null)
      throw new QibenchError('OTHER_SITE', {
        reason: 'the browser did not say what page sends this (no Origin)',
      });
    return;
  }
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new QibenchError('OTHER_SITE', { reason: 'a page of another site sends this' });
}

/**
 * An open service talks to this machine alone. A name that somebody else points at loopback would make their page one
 * of ours; a proxy would let in everybody. Errors: OTHER_SITE.
 */
export function refuseDetours({ hostname, headers }: FastifyRequest): void {
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname))
    throw new QibenchError('OTHER_SITE', {
      reason: 'a service without tokens answers on localhost and 127.0.0.1 only, by these names',
    });
  const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].find(
    (name) => headers[name] !== undefined,
  );
  if (proxied !== undefined)
    throw new QibenchError('OTHER_SITE', {
      reason: `a service without tokens is not for use through a proxy (${proxied})`,
    });
}
