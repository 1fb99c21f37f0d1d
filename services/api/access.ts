// SPDX-License-Identifier: GPL-2.0-or-later
import type { Scope } from '#contract/token.js';

/**
 * How the auth layer finds the project that a request concerns.
 * A token of one project cannot reach the data of another.
 */
export type ProjectRule =
  | 'none' // nothing that belongs to a project
  | 'all' // data of all projects: closed to tokens of one project
  | 'job'
  | 'trace'
  | 'alert'
  | 'mark'
  | 'upload' // the project that owns the resource in the path
  | 'job-query'
  | 'trace-pair' // the project that owns the resources in the query: jobId, or the traces a and b
  | 'query'
  | 'body' // the field `project` there; filled in from the token if it is missing
  | 'projects'
  | 'queue'
  | 'workers'; // a list over all projects, from which the data of other projects is removed

export interface Rule {
  /**
   * `public`: needs no token. `signed-in`: any valid token.
   * `badge`, `metrics`: public if the operator's settings allow it, else jobs:read.
   * `link`: public unless badges are, because a badge then needs only the job's id.
   */
  readonly needs: Scope | 'public' | 'signed-in' | 'badge' | 'metrics' | 'link';
  readonly project: ProjectRule;
  /** The audit log has refusals of the route only: a single upload has thousands of its requests. */
  readonly unrecorded?: boolean;
}

const OPEN: Rule = { needs: 'public', project: 'none' };
const ADMIN: Rule = { needs: 'admin', project: 'none' };
const read = (project: ProjectRule): Rule => ({ needs: 'jobs:read', project });
const write = (project: ProjectRule): Rule => ({ needs: 'jobs:write', project });

/**
 * Access rules by route. The server does not start while a route lacks an entry.
 * HEAD follows the rule of GET. A trailing `*` matches any suffix.
 */
const ACCESS: Readonly<Record<string, Rule>> = {
  'GET /v1/health': OPEN,
  'GET /v1/live': OPEN,
  'GET /v1/ready': OPEN,
  'GET /metrics': { needs: 'metrics', project: 'all' },
  'GET /openapi.json': OPEN,
  'GET /docs*': OPEN,

  // The dashboard's document, scripts and styles. Its data comes from the routes below.
  'GET /': OPEN,
  'GET /index.html': OPEN,
  'GET /icon.svg': OPEN,
  'GET /assets/*': OPEN,
  'GET /submit': OPEN,
  'GET /jobs/:id': OPEN,
  'GET /jobs/:id/compare': OPEN,
  'GET /jobs/:id/profile': OPEN,
  'GET /traces/:id': OPEN,
  'GET /history': OPEN,
  'GET /hosts': OPEN,
  // Completes a job's id.
  'GET /c/:prefix': { needs: 'link', project: 'none' },

  'POST /v1/session': OPEN,
  'GET /v1/session': { needs: 'signed-in', project: 'none' },
  'DELETE /v1/session': { needs: 'signed-in', project: 'none' },
  'POST /v1/tokens/github': OPEN,
  'POST /v1/webhooks/github': OPEN, // authenticated by the body's signature
  'GET /v1/webhooks': ADMIN,
  'POST /v1/tokens': ADMIN,
  'GET /v1/tokens': ADMIN,
  'DELETE /v1/tokens/:id': ADMIN,
  'POST /v1/trusts': ADMIN,
  'GET /v1/trusts': ADMIN,
  'DELETE /v1/trusts/:id': ADMIN,
  'GET /v1/audit': ADMIN,

  'GET /v1/qemu': read('none'),
  'GET /v1/qemu/:version/events': read('none'),
  'GET /v1/workloads': read('none'),
  'GET /v1/workloads/:name': read('none'),
  'GET /v1/hosts': read('none'),
  'GET /v1/hosts/:digest/noise': read('none'),
  'DELETE /v1/hosts/:digest/evidence': ADMIN,
  'GET /v1/workers': read('workers'),
  'GET /v1/queue': read('queue'),
  'GET /v1/projects': read('projects'),

  'POST /v1/jobs': write('body'),
  'POST /v1/jobs/plan': write('body'),
  'GET /v1/jobs': read('query'),
  'GET /v1/jobs/:id': read('job'),
  'POST /v1/jobs/:id/cancel': write('job'),
  'GET /v1/jobs/:id/builds': read('job'),
  'GET /v1/jobs/:id/bundle': read('job'),
  'GET /v1/jobs/:id/code': read('job'),
  'GET /v1/jobs/:id/comparison': read('job'),
  'GET /v1/jobs/:id/events': read('job'),
  'GET /v1/jobs/:id/export': read('job'),
  'GET /v1/jobs/:id/logs': read('job'),
  'GET /v1/jobs/:id/metrics': read('job'),
  'GET /v1/jobs/:id/profile': read('job'),
  'GET /v1/jobs/:id/profile/export': read('job'),
  'GET /v1/jobs/:id/profiles': read('job'),
  'GET /v1/jobs/:id/why': read('job'),
  'GET /v1/jobs/:id/reported': read('job'),
  'GET /v1/jobs/:id/samples': read('job'),
  'GET /v1/jobs/:id/traces': read('job'),
  'GET /v1/jobs/:id/badge.svg': { needs: 'badge', project: 'job' },
  'GET /v1/traces': read('job-query'),
  'GET /v1/traces/compare': read('trace-pair'),
  'GET /v1/traces/:id': read('trace'),
  'GET /v1/traces/:id/*': read('trace'),

  'POST /v1/uploads': write('none'),
  'POST /v1/chunks': { ...write('none'), unrecorded: true },
  'POST /v1/chunks/missing': { ...write('none'), unrecorded: true },
  'POST /v1/workloads': write('none'),
  'POST /v1/sources': write('none'),
  'GET /v1/uploads/:digest': read('upload'),

  'GET /v1/history': read('query'),
  'GET /v1/history/points': read('query'),
  'GET /v1/series': read('query'),
  'GET /v1/alerts': read('query'),
  'PATCH /v1/alerts/:id': write('alert'),
  'POST /v1/marks': write('body'),
  'DELETE /v1/marks/:id': write('mark'),
  'POST /v1/imports': write('body'),
};

const PREFIXES = Object.entries(ACCESS).flatMap(([key, rule]) =>
  key.endsWith('*') ? [[key.slice(0, -1), rule] as const] : [],
);

/** Returns the access rule of a route; null if the table has no entry for it. */
export function ruleOf(method: string, route: string): Rule | null {
  const key = `${method === 'HEAD' ? 'GET' : method} ${route}`;
  if (Object.hasOwn(ACCESS, key)) return ACCESS[key]!;
  return PREFIXES.find(([prefix]) => key.startsWith(prefix))?.[1] ?? null;
}
