// SPDX-License-Identifier: GPL-2.0-or-later
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BuildList } from '#contract/build.js';
import { QibenchError } from '#contract/error.js';
import { Job, JobList, JobListQuery, JobRequest } from '#contract/job.js';
import { SampleList, SampleListQuery, type Sample } from '#contract/sample.js';
import { TraceList } from '#contract/trace.js';
import { listBuilds } from '#store/builds.js';
import { listJobs } from '#store/job-list.js';
import { getJob, requestCancel } from '#store/jobs.js';
import { streamSamples } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { listTraces } from '#store/traces.js';
import { BODY_LIMITS } from '../body.js';
import type { Service } from '../service.js';
import { submitJob } from '../submit-job.js';

export const JobParams = z.object({ id: z.uuid('a job id: a UUID') });

const CreateHeaders = z.looseObject({ 'idempotency-key': z.string().min(1).max(128).optional() });

export function jobRoutes(server: FastifyInstance, service: Service): void {
  const { store, sampleReads } = service;
  const typed = server.withTypeProvider<ZodTypeProvider>();

  const create = {
    summary: 'Submit a job; an accepted job is stored',
    headers: CreateHeaders,
    body: JobRequest,
    response: { 202: Job },
  };
  typed.post(
    '/v1/jobs',
    { schema: create, bodyLimit: BODY_LIMITS.large },
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

  typed.get(
    '/v1/jobs',
    { schema: { querystring: JobListQuery, response: { 200: JobList } } },
    (request) => listJobs(store, request.query),
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
    { schema: { params: JobParams, response: { 200: BuildList } } },
    async (request) => {
      const job = await existingJob(store, request.params.id);
      return { builds: await listBuilds(store, job.id) };
    },
  );
  typed.get(
    '/v1/jobs/:id/samples',
    { schema: { params: JobParams, querystring: SampleListQuery, response: { 200: SampleList } } },
    async (request, reply) => {
      const job = await existingJob(store, request.params.id);
      sampleReads.enter(request, reply);
      const { kind, ...filter } = request.query;
      const text = Readable.from(sampleList(streamSamples(store, job.id, kind, filter)));
      request.raw.once('close', () => text.destroy());
      return reply.type('application/json; charset=utf-8').send(text as never);
    },
  );
  typed.get(
    '/v1/jobs/:id/traces',
    { schema: { params: JobParams, response: { 200: TraceList } } },
    async (request) => {
      const job = await existingJob(store, request.params.id);
      return { traces: await listTraces(store.pool, job.id) };
    },
  );
}

/** Streams the JSON text of a SampleList, which may hold a hundred thousand samples. */
async function* sampleList(pages: AsyncIterable<readonly Sample[]>): AsyncGenerator<string> {
  yield '{"samples":[';
  let separator = '';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield separator + page.map((sample) => JSON.stringify(sample)).join(',');
    separator = ',';
  }
  yield ']}';
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
