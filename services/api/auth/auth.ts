// SPDX-License-Identifier: GPL-2.0-or-later
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QibenchError, type ErrorCode } from '#contract/error.js';
import { ANONYMOUS, mayDo, type Access } from '#domain/access.js';
import type { Store } from '#store/store.js';
import { ruleOf, type Rule } from '../access.js';
import { BODY_LIMITS } from '../body.js';
import type { AccessSettings } from '../settings.js';
import { createAudit } from './audit.js';
import { accessOf, credentialOf, tokenOf, type Credential } from './credentials.js';
import { createLimits } from './limits.js';
import {
  authorizePath,
  authorizeBody,
  applyTokenProjectToBody,
  filterByProject,
} from './projects.js';
import { isUnsafe, rejectProxiedLoopback, checkOrigin } from './sites.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Identity and rights of the caller. */
    access: Access;
    /** Code of the error in the response; null if it succeeded. */
    refusal: ErrorCode | null;
    /** Whether the request was rejected because it may concern another project. */
    hidden: boolean;
  }
}

/** Access of every caller of a service that is open on loopback. */
const LOOPBACK: Access = {
  subject: 'loopback',
  tokenId: null,
  account: null,
  scopes: ['admin'],
  project: null,
  quota: null,
};

/** A rule after the settings have decided `badge`, `metrics` and `link`. */
type SettledRule = Rule & { readonly needs: Exclude<Rule['needs'], 'badge' | 'metrics' | 'link'> };

const PUBLIC: SettledRule = { needs: 'public', project: 'none' };

/**
 * Registers the hooks of the auth layer, which every request passes. They identify the caller,
 * apply the rule in access.ts and limit a token of one project to that project.
 * Must be called before the routes are registered.
 */
export async function registerGate(
  server: FastifyInstance,
  store: Store,
  settings: AccessSettings,
): Promise<void> {
  await server.register(rateLimit, { global: false });
  const limits = createLimits(server, settings);
  const audit = createAudit(store);
  for (const name of ['access', 'refusal', 'hidden']) server.decorateRequest(name);

  const forgotten: string[] = [];
  server.addHook('onRoute', (route) => {
    for (const verb of [route.method].flat()) {
      const found = ruleOf(verb, route.url);
      if (found === null) forgotten.push(`${verb} ${route.url}`);
      if (found?.needs === 'public') route.bodyLimit ??= BODY_LIMITS.public;
    }
  });
  server.addHook('onReady', async () => {
    if (forgotten.length > 0)
      throw new QibenchError('INTERNAL', {
        reason: `services/api/access.ts has no rule for ${forgotten.join(', ')}`,
      });
  });

  const rule = ({ method, routeOptions }: FastifyRequest): SettledRule => {
    if (routeOptions.url === undefined) return PUBLIC; // unknown route: answered with 404
    const found = ruleOf(method, routeOptions.url);
    if (found === null)
      throw new QibenchError('INTERNAL', { reason: 'the route has no rule in access.ts' });
    const { needs, project } = found;
    if (needs !== 'badge' && needs !== 'metrics' && needs !== 'link') return { needs, project };
    const open = {
      badge: settings.publicBadges,
      metrics: settings.openMetrics,
      link: !settings.publicBadges,
    };
    return open[needs] ? PUBLIC : { needs: 'jobs:read', project };
  };

  async function enter(request: FastifyRequest, reply: FastifyReply): Promise<Access> {
    const { needs } = rule(request);
    let credential: Credential | null = null;
    if (settings.openOnLoopback) rejectProxiedLoopback(request);
    else {
      if (needs === 'public') await limits.anonymous(request, reply);
      // Signing in is public but counts as an attempt.
      if (needs !== 'public' || isUnsafe(request.method)) await limits.attempt(request, reply);
    }
    if (needs !== 'public') credential = credentialOf(request);
    // Another service of this machine may have set the cookie: cookies are not bound to a port.
    if (settings.openOnLoopback && credential?.from === 'cookie') credential = null;
    checkOrigin(request, credential);
    if (credential !== null) return accessOf(await tokenOf(store, credential), settings.quota);
    if (settings.openOnLoopback) return LOOPBACK;
    if (needs === 'public') return ANONYMOUS;
    throw new QibenchError('UNAUTHENTICATED', {
      reason: 'send one as "Authorization: Bearer TOKEN", or sign in to the dashboard',
    });
  }

  server.addHook('onRequest', async (request, reply) => {
    Object.assign(request, { access: ANONYMOUS, refusal: null, hidden: false });
    request.access = await enter(request, reply);
    if (request.access.account !== null) await limits.account(request, reply);
    refuseNul(request);
    const { needs, project } = rule(request);
    if (needs !== 'public' && needs !== 'signed-in' && !mayDo(request.access, needs))
      throw new QibenchError('SCOPE_MISSING', { scope: needs });
    if (request.access.project === null) return;
    try {
      await authorizePath(store, request, project, request.access.project);
    } catch (error) {
      request.hidden = true;
      throw error;
    }
  });
  server.addHook('preValidation', async (request) => {
    if (request.access.project !== null)
      applyTokenProjectToBody(request, rule(request).project, request.access.project);
  });
  server.addHook('preHandler', async (request) => {
    if (request.access.project !== null)
      authorizeBody(request, rule(request).project, request.access.project);
  });
  server.addHook('preSerialization', async (request, _, answer) =>
    request.access.project === null || request.refusal !== null
      ? answer
      : filterByProject(store, rule(request).project, request.access.project, answer),
  );
  server.addHook('onSend', async (request, reply) => {
    const { statusCode } = reply;
    if (statusCode === 401) reply.header('www-authenticate', 'Bearer');
    // A malformed attempt to sign in costs as much as a wrong one.
    const attempted = isUnsafe(request.method) && rule(request).needs === 'public';
    const refused = statusCode >= 400 && statusCode < 500 && statusCode !== 429;
    if (statusCode === 401 || (attempted && refused)) await limits.failed(request);
    await audit(request, reply);
  });
}

/**
 * Rejects a NUL in an address: Postgres cannot compare it with a text.
 * @throws {INVALID_REQUEST} The address has one.
 */
function refuseNul({ url, params, query }: FastifyRequest): void {
  if (!url.includes('%00')) return;
  const fields = Object.entries({ ...(params as object), ...(query as object) });
  // An unknown route has the parameter "*".
  const field = fields.find(([name, value]) => name !== '*' && String(value).includes('\0'));
  const path = field?.[0] ?? 'address';
  const message = 'contains a NUL (%00)';
  throw new QibenchError(
    'INVALID_REQUEST',
    { count: 1, summary: `${path}: ${message}` },
    { details: [{ path, message }] },
  );
}
