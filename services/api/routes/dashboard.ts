// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.js';

/** Paths of the dashboard's pages. All serve the same document, which routes in the browser. */
const PAGES = [
  '/',
  '/index.html',
  '/submit',
  '/jobs/:id',
  '/jobs/:id/compare',
  '/jobs/:id/profile',
  '/traces/:id',
  '/history',
  '/hosts',
];

const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * Serves the dashboard if it has been built. Browsers cache the files with a digest in their name
 * for a year.
 */
export async function dashboardRoutes(
  server: FastifyInstance,
  { dashboardDir, basePath }: Service,
): Promise<void> {
  if (!existsSync(join(dashboardDir, 'index.html'))) return;
  // Looked up at every request: rebuilding the dashboard changes the names of its assets.
  await server.register(fastifyStatic, {
    root: join(dashboardDir, 'assets'),
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    maxAge: YEAR_MS,
    immutable: true,
  });
  server.get('/icon.svg', { schema: { hide: true } }, (_, reply) =>
    reply
      .header('cache-control', 'no-cache')
      .sendFile('icon.svg', dashboardDir, { cacheControl: false }),
  );
  for (const page of PAGES)
    server.get(page, { schema: { hide: true } }, async (_, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .header('content-type', 'text/html; charset=utf-8')
        .send(documentAt(await readFile(join(dashboardDir, 'index.html'), 'utf8'), basePath)),
    );
}

/** Returns the document with absolute addresses below the base path. */
function documentAt(html: string, basePath: string): string {
  return html
    .replaceAll('="./', `="${basePath}/`)
    .replace(
      'name="qibench-base-path" content=""',
      `name="qibench-base-path" content="${basePath}"`,
    );
}
