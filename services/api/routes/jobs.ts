// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BuildList } from '#contract/build.js';
import { QibenchError } from '#contract/error.js';
import { Job, JobList, JobListQuery, JobRequest } from '#contract/job.js';
import { JobPreview } from '#contract/preview.js';
import { SampleList, SampleListQuery } from '#contract/sample.js';
import { TraceList } from '#contract/trace.js';
import { listBuilds } from '#store/builds.js';
import { findJobs, readJobs } from '#store/job-list.js';
import { getJob, requestCancel } from '#store/jobs.js';
import { streamSamples } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { readTraces } from '#store/traces.js';
import { BODY_LIMITS } from '../body.js';
import { bulk, sendList } from '../bulk.js';
import { OpenRequests } from '../open-requests.js';
import { namesRefs } from '../pin-sources.js';
import type { Service } from '../service.js';
import { previewJob, submitJob } from '../submit-job.js';

export const JobParams = z.object({ id: z.uuid('a job id: a UUID') });

const CreateHeaders = z.looseObject({ 'idempotency-key': z.string().min(1).max(128).optional() });

/** Requests of a project that ask repositories for commits, and requests that wait for these. */
const ASKING = { open: 2, waiting: 32 };

export function jobRoutes(server: FastifyInstance, service: Service): void {
  const { store } = service;
  const typed = server.withTypeProvider<ZodTypeProvider>();
  // Each is a process of git, for as long as a repository takes to answer.
  const asking = new OpenRequests({
    ...ASKING,
    caller: ({ access: { project, account }, body }) =>
      namesRefs(body as JobRequest) ? (project ?? account) : null,
    refused: (_, limit) =>
      new QibenchError('UNAVAILABLE', {
        what: 'the repository',
        reason: `${limit} requests ask repositories for commits, and ${ASKING.waiting} wait`,
      }),
  });
  const preHandler = (request: FastifyRequest, reply: FastifyReply) => asking.enter(request, reply);

  const create = {
    summary: 'Submit a job; an accepted job is stored',
    headers: CreateHeaders,
    body: JobRequest,
    response: { 202: Job },
  };
  typed.post(
    '/v1/jobs',
    { schema: create, bodyLimit: BODY_LIMITS.large, preHandler },
    async (request, reply) => {
      const { access, body, headers } = request;
      const { 'idempotency-key': idempotencyKey, traceparent } = headers;
      const job = await submitJob(service, access, body, {
        idempotencyKey,
        log: request.log,
        traceparent: typeof traceparent === 'string' ? traceparent : null,
      });
      return reply.status(202).send(job);
    },
  );

  const preview = {
    summary: 'Plan a job, with its builds, runs and time; nothing is stored',
    body: JobRequest,
    response: { 200: JobPreview },
  };
  typed.post(
    '/v1/jobs/plan',
    { schema: preview, bodyLimit: BODY_LIMITS.large, preHandler },
    (request) => previewJob(service, request.access, request.body),
  );

  typed.get(
    '/v1/jobs',
    { schema: { querystring: JobListQuery, response: { 200: JobList } }, config: bulk('list') },
    async (request, reply) => {
      const { ids, next } = await findJobs(store, request.query);
      return sendList(request, reply, 'jobs', readJobs(store, ids), { next });
    },
  );
  typed.get('/v1/jobs/:id', { schema: { params: JobParams, response: { 200: Job } } }, (request) =>
    existingJob(store, request.params.id),
  );
  typed.post(
    '/v1/jobs/:id/cancel',
    { schema: { params: JobParams, response: { 202: Job } } },
    async (request, reply) => reply.status(202).send(await requestCancel(store, request.params.id)),
  );

  typed.get(
    '/v1/jobs/:id/builds',
    { schema: { params: JobParams, response: { 200: BuildList } }, config: bulk('list') },
    async (request) => {
      const job = await existingJob(store, request.params.id);
      return { builds: await listBuilds(store, job.id) };
    },
  );
  typed.get(
    '/v1/jobs/:id/samples',
    {
      schema: { params: JobParams, querystring: SampleListQuery, response: { 200: SampleList } },
      config: bulk('download'),
    },
    async (request, reply) => {
      const job = await existingJob(store, request.params.id);
      const { kind, ...filter } = request.query;
      return sendList(request, reply, 'samples', streamSamples(store, job.id, kind, filter));
    },
  );
  typed.get(
    '/v1/jobs/:id/traces',
    { schema: { params: JobParams, response: { 200: TraceList } }, config: bulk('list') },
    async (request, reply) => {
      const job = await existingJob(store, request.params.id);
      return sendList(request, reply, 'traces', readTraces(store.pool, job.id));
    },
  );
}

/**
 * Returns a job.
 * @throws {NOT_FOUND} The id is unknown.
 */
export async function existingJob(store: Store, id: string): Promise<Job> {
  const job = await getJob(store, id);
  if (job === null) throw new QibenchError('NOT_FOUND', { what: 'job', id });
  return job;
}
