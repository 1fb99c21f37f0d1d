import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../server.js';

/** Addresses of the dashboard's pages: all get the same document, the browser does the rest. */
const PAGES = [
  '/',
  '/index.html',
  '/submit',
  '/jobs/:id',
  '/jobs/:id/compare',
  '/traces/:id',
  '/history',
  '/hosts',
];

const YEAR_MS = 365 * 24 * 3_600_000;

/** The dashboard, where it has been built. Files whose name holds their digest are kept by browsers for a year. */
export async function dashboardRoutes(
  server: FastifyInstance,
  { dashboardDir }: Service,
): Promise<void> {
  if (!existsSync(join(dashboardDir, 'index.html'))) return;
  // Looked up at every request: a dashboard that is built again has assets of other names.
  await server.register(fastifyStatic, {
    root: join(dashboardDir, 'assets'),
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    maxAge: YEAR_MS,
    immutable: true,
  });
  const send = (address: string, file: string) =>
    server.get(address, { schema: { hide: true } }, (_, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .sendFile(file, dashboardDir, { cacheControl: false }),
    );
  send('/icon.svg', 'icon.svg');
  for (const page of PAGES) send(page, 'index.html');
}
