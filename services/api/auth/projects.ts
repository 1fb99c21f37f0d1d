// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyRequest } from 'fastify';
import { QibenchError } from '#contract/error.js';
import { hasUploaded, jobsOf, projectOf, type Owned } from '#store/ownership.js';
import type { Store } from '#store/store.js';
import type { ProjectRule } from '../access.js';

const ID: Record<Owned, RegExp> = {
  job: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  trace: /^\d{1,18}$/,
  alert: /^\d{1,18}$/,
  mark: /^\d{1,18}$/,
};

type Fields = Record<string, unknown>;

/**
 * Checks, before the body is read, that the path and the query concern the token's project.
 * Reports a resource of another project as missing.
 * @throws {NOT_FOUND} The resource is missing or belongs to another project.
 * @throws {OTHER_PROJECT} The query names another project, or the route covers all of them.
 */
export async function authorizePath(
  store: Store,
  request: FastifyRequest,
  rule: ProjectRule,
  project: string,
): Promise<void> {
  const { id, digest } = request.params as Fields;
  const { jobId, a, b } = request.query as Fields;
  if (rule === 'all') throw new QibenchError('OTHER_PROJECT', { project });
  if (rule === 'query') applyTokenProject(request.query as Fields, project);
  if (rule === 'job' || rule === 'trace' || rule === 'alert' || rule === 'mark')
    await checkOwned(store, rule, id, project);
  if (rule === 'job-query') await checkOwned(store, 'job', jobId, project);
  if (rule === 'trace-pair')
    for (const traceId of [a, b]) await checkOwned(store, 'trace', traceId, project);
  if (rule === 'upload' && !(await hasUploaded(store, project, String(digest))))
    throw new QibenchError('NOT_FOUND', { what: 'upload', id: String(digest) });
}

/** Checks that the project owns a resource. Reports a malformed id as missing, too. */
async function checkOwned(store: Store, what: Owned, id: unknown, project: string): Promise<void> {
  if (typeof id === 'string' && ID[what].test(id) && (await projectOf(store, what, id)) === project)
    return;
  throw new QibenchError('NOT_FOUND', { what, id: String(id ?? '') });
}

/**
 * Fills in the body's project, before the body is validated.
 * @throws {OTHER_PROJECT} The body names another project.
 */
export function applyTokenProjectToBody(
  request: FastifyRequest,
  rule: ProjectRule,
  project: string,
): void {
  if (rule !== 'body') return;
  const { body } = request;
  if (typeof body === 'object' && body !== null) applyTokenProject(body as Fields, project);
}

/**
 * Checks, after validation, that the body concerns the project.
 * @throws {OTHER_PROJECT} The body concerns another project.
 */
export function authorizeBody(request: FastifyRequest, rule: ProjectRule, project: string): void {
  if (rule === 'body' && (request.body as Fields).project !== project)
    throw new QibenchError('OTHER_PROJECT', { project });
}

/** Removes the data of other projects from a response that lists all of them. */
export async function filterByProject(
  store: Store,
  rule: ProjectRule,
  project: string,
  answer: unknown,
): Promise<unknown> {
  if (rule !== 'projects' && rule !== 'queue' && rule !== 'workers') return answer;
  const list = (answer as Fields)[rule === 'queue' ? 'jobs' : rule] as Fields[];
  switch (rule) {
    case 'projects':
      return {
        ...(answer as Fields),
        projects: list.filter(({ name }) => name === project),
        withoutProject: null,
      };
    case 'queue': {
      const projectJobs = await jobsOf(
        store,
        project,
        list.map(({ jobId }) => String(jobId)),
      );
      return { jobs: list.filter(({ jobId }) => projectJobs.has(String(jobId))) };
    }
    case 'workers': {
      const idOf = ({ job }: Fields) => (job as { id: string } | null)?.id ?? null;
      const projectJobs = await jobsOf(
        store,
        project,
        list.map(idOf).filter((id) => id !== null),
      );
      return {
        workers: list.map((worker) => ({
          ...worker,
          job: projectJobs.has(idOf(worker) ?? '') ? worker.job : null,
        })),
      };
    }
  }
}

function applyTokenProject(fields: Fields, project: string): void {
  fields.project ??= project;
  if (fields.project !== project) throw new QibenchError('OTHER_PROJECT', { project });
}
