import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../server.js';

/** Addresses of the dashboard's pages: all get the same document, the browser does the rest. */
const PAGES = ['/', '/submit', '/jobs/:id', '/jobs/:id/compare', '/traces/:id', '/history', '/hosts'];

/** The dashboard, where it has been built. Files whose name holds their digest are kept by browsers for a year. */
export async function dashboardRoutes(server: FastifyInstance, { dashboardDir }: Service): Promise<void> {
  if (!existsSync(join(dashboardDir, 'index.html'))) return;
  await server.register(fastifyStatic, { root: dashboardDir, index: false, wildcard: false, cacheControl: false, setHeaders: (reply, path) => void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache') });
  for (const page of PAGES) server.get(page, { schema: { hide: true } }, (_, reply) => reply.sendFile('index.html'));
}
