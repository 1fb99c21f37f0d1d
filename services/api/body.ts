// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import { QibenchError } from '#contract/error.js';

/** Largest bodies in bytes; a route that needs more sets its own `bodyLimit`. */
export const BODY_LIMITS = {
  /** Routes that need no token. */
  public: 32 * 1024,
  default: 64 * 1024,
  /** Jobs, imports, uploads and webhooks. */
  large: 1024 * 1024,
} as const;
/** Time for a client to send a whole request. */
export const REQUEST_TIMEOUT_MS = 30_000;

const DEPTH_LIMIT = 32;
/** Fields of a body; no request has half as many. */
const FIELDS_LIMIT = 64;

/**
 * Accepts JSON bodies only, as plain objects, and rejects what would keep later steps busy:
 * deep nesting overflows serialisers, and a schema lists every unknown field in its error.
 * Routes with other bodies register a parser in their own scope.
 */
export function registerBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (isDeeperThan(text as string, DEPTH_LIMIT))
      return done(refused(`is nested more than ${DEPTH_LIMIT} levels deep`));
    return parse(request, text as string, (error, body: unknown) => {
      if (error !== null) return done(error);
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        return done(refused('is not a JSON object'));
      if (Object.keys(body).length > FIELDS_LIMIT)
        return done(refused(`has more than ${FIELDS_LIMIT} fields`));
      return done(null, body);
    });
  });
}

function refused(message: string): QibenchError {
  return new QibenchError(
    'INVALID_REQUEST',
    { count: 1, summary: `(body): ${message}` },
    { details: [{ path: '', message }] },
  );
}

/** Returns whether a JSON text nests arrays and objects deeper than a limit. Does not recurse. */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];
