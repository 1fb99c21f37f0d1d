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
/** Fields of an object; no request has half as many. */
const FIELDS_LIMIT = 64;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Most fields of an object in the body, for documents of other tools. */
    readonly fieldsLimit?: number;
  }
}

/**
 * Accepts JSON bodies only, as plain objects, and rejects what would keep later steps busy:
 * deep nesting overflows the copy to a thread, an object with many fields takes long to parse, and a schema
 * lists every unknown field in its error. Routes with other bodies register a parser in their own
 * scope.
 */
export function registerBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const { fieldsLimit = FIELDS_LIMIT } = request.routeOptions.config;
    const excess = jsonExcess(text as string, { depth: DEPTH_LIMIT, fields: fieldsLimit });
    if (excess !== null) return done(refused(excess));
    return parse(request, text as string, (error, body: unknown) => {
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

/**
 * Returns which limit a JSON text exceeds; null if none. Reads the text once, without recursion and
 * without parsing it. A text that is not JSON may have any result.
 */
export function jsonExcess(
  text: string,
  limits: { readonly depth: number; readonly fields: number },
): string | null {
  /** Number of colons at each depth of the open arrays and objects. */
  const fields = new Int32Array(limits.depth + 1);
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === BRACKET || code === BRACE) {
      depth += 1;
      if (depth > limits.depth) return `is nested more than ${limits.depth} levels deep`;
      fields[depth] = 0;
    } else if (code === BRACKET + 2 || code === BRACE + 2) {
      depth = Math.max(depth - 1, 0);
    } else if (code === COLON) {
      fields[depth]! += 1;
      if (fields[depth]! > limits.fields)
        return `has an object with more than ${limits.fields} fields`;
    }
  }
  return null;
}

/** Returns the place of the quote that ends a string; the text's length if none does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE, COLON] = [0x22, 0x5c, 0x5b, 0x7b, 0x3a];
