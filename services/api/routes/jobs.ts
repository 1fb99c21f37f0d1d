// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BuildList } from '#contract/build.js';
import { QibenchError } from '#contract/error.js';
import { Job, JobList, JobListQuery, JobRequest } from '#contract/job.js';
import { SampleList, SampleListQuery, type Sample } from '#contract/sample.js';
import type { PlannedSide } from '#contract/side.js';
import { TraceList } from '#contract/trace.js';
import { checkPriority, checkRuns } from '#domain/access.js';
import { planJob } from '#domain/plan.js';
import { sidesOf } from '#domain/plan-sides.js';
import { uploadsOf, type NamedUpload } from '#domain/uploads.js';
import { listBuilds } from '#store/builds.js';
import { listJobs } from '#store/job-list.js';
import { acceptJob, getJob, requestCancel } from '#store/jobs.js';
import { streamSamples } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { newestGuestNoise } from '#store/hosts.js';
import { listTraces } from '#store/traces.js';
import { findUpload } from '#store/uploads.js';
import { jobAttributes } from '#telemetry/attributes.js';
import { spanned } from '#telemetry/spans.js';
import { BODY_LIMITS } from '../body.js';
import type { Service } from '../service.js';

export const JobParams = z.object({ id: z.uuid('a job id: a UUID') });

const CreateHeaders = z.looseObject({ 'idempotency-key': z.string().min(1).max(128).optional() });

export function jobRoutes(
  server: FastifyInstance,
  { store, catalogue, telemetry, sampleReads }: Service,
): void {
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
      const { body } = request;
      checkPriority(request.access, body);
      const plan = planJob(
        body,
        catalogue,
        randomInt(2 ** 31),
        await baselineSide(store, body),
        await newestGuestNoise(store, body.qemu.target),
      );
      checkRuns(request.access, plan);
      for (const upload of uploadsOf(body)) await checkUpload(store, upload);
      const requestDigest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
      const { 'idempotency-key': idempotencyKey, traceparent } = request.headers;
      const job = await spanned(
        telemetry.spans,
        'accept job',
        { kind: 'producer', parent: typeof traceparent === 'string' ? traceparent : null },
        async (span) => {
          const accepted = await acceptJob(store, {
            request: body,
            plan,
            requestDigest,
            idempotencyKey,
            access: request.access,
            traceparent: span.traceparent,
          });
          span.end({ attributes: jobAttributes(accepted.job) });
          return accepted.job;
        },
      );
      request.log.info({ jobId: job.id, subject: request.access.subject }, 'job accepted');
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
 * @throws {NOT_FOUND} when the id is unknown.
 */
export async function existingJob(store: Store, id: string): Promise<Job> {
  const job = await getJob(store, id);
  if (job === null) throw new QibenchError('NOT_FOUND', { what: 'job', id });
  return job;
}

/**
 * Returns the head side of the job that a request's baseline names; null if it names none.
 * The baseline's uploads are in the new job's bundle, so both jobs must belong to one project.
 * @throws {UNKNOWN_BASELINE_JOB} when that job does not exist, or belongs to another project.
 */
async function baselineSide(
  store: Store,
  { baseline, project }: JobRequest,
): Promise<PlannedSide | null> {
  if (baseline === undefined || baseline === 'same' || baseline.job === undefined) return null;
  const job = await getJob(store, baseline.job);
  if (job === null || (project !== undefined && job.request.project !== project)) {
    const details = [{ path: 'baseline.job', message: `no job "${baseline.job}"` }];
    throw new QibenchError(
      'UNKNOWN_BASELINE_JOB',
      { field: 'baseline.job', id: baseline.job },
      { details },
    );
  }
  return sidesOf(job).head;
}

/**
 * Checks that an upload exists and has the kind that its field requires.
 * @throws {UNKNOWN_UPLOAD} when no upload has the digest.
 * @throws {WRONG_UPLOAD} when the upload is of the other kind.
 */
async function checkUpload(store: Store, { field, digest, kind }: NamedUpload): Promise<void> {
  const upload = await findUpload(store, digest);
  if (upload === null)
    throw new QibenchError(
      'UNKNOWN_UPLOAD',
      { field, digest },
      { details: [{ path: field, message: 'no upload has this digest' }] },
    );
  const called = { code: 'code', patches: 'a patch series' };
  if (upload.kind === kind) return;
  const [actual, expected] = [called[upload.kind], called[kind]];
  throw new QibenchError(
    'WRONG_UPLOAD',
    { field, digest, actual, expected },
    { details: [{ path: field, message: `is ${actual}, not ${expected}` }] },
  );
}
