// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import { jsonFault } from '#client/json.js';
import { decodeText } from '#client/text.js';
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
/** Fields of an object; no request has half as many. */
const FIELDS_LIMIT = 64;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Most fields of an object in the body, for documents of other tools. */
    readonly fieldsLimit?: number;
  }
}

/**
 * Accepts JSON bodies only, as plain objects, and rejects a body that has two readings: bytes that
 * are not UTF-8, a key twice. Also rejects what would keep later steps busy: deep nesting overflows
 * the copy to a thread, an object with many fields takes long to parse, and a schema lists every
 * unknown field in its error. Routes with other bodies register a parser in their own scope.
 */
export function registerBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const { fieldsLimit = FIELDS_LIMIT } = request.routeOptions.config;
    const text = textOf(bytes as Buffer);
    if (text === null) return done(refused('is not UTF-8 text'));
    const fault = jsonFault(text, { depth: DEPTH_LIMIT, fields: fieldsLimit });
    if (fault !== null) return done(refused(fault));
    return parse(request, text, (error, body: unknown) => {
      if (error !== null) return done(error);
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        return done(refused('is not a JSON object'));
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

/** Returns the text of a body; null if it is not UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeText(bytes);
  } catch {
    return null;
  }
}
