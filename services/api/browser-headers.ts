// SPDX-License-Identifier: GPL-2.0-or-later
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Allows only the dashboard's own files and the API of the same origin. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    fontSrc: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
  },
};

/** Policy of the Swagger pages under /docs, which need inline styles: same origin only. */
export const API_DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Sets the security headers of every response, since responses contain untrusted text. */
export async function browserHeaders(server: FastifyInstance): Promise<void> {
  // No HSTS: the proxy that terminates TLS decides that.
  await server.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
  });
}
