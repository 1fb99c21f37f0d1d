import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Nothing but the dashboard's own files and the API of the same origin. */
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

/** The pages of /docs, which are not ours: what they need, from the same origin. */
export const API_DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** What browsers are told about every answer: event names, logs and guest output in it are hostile. */
export async function browserHeaders(server: FastifyInstance): Promise<void> {
  // No HSTS: it is for whoever terminates TLS to say.
  await server.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
  });
}
