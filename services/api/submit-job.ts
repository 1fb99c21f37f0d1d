// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomInt } from 'node:crypto';
import { QibenchError } from '#contract/error.js';
import type { Job, JobRequest } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import { workloadLabel } from '#contract/workload.js';
import { checkPriority, checkRuns, type Access } from '#domain/access.js';
import { planJob } from '#domain/plan.js';
import { sidesOf } from '#domain/plan-sides.js';
import { uploadsOf, type NamedUpload } from '#domain/uploads.js';
import { newestGuestNoise } from '#store/hosts.js';
import { acceptJob, getJob } from '#store/jobs.js';
import { hasUploaded, projectOf } from '#store/ownership.js';
import type { Store } from '#store/store.js';
import { findUpload } from '#store/uploads.js';
import { jobAttributes } from '#telemetry/attributes.js';
import type { Log } from '#telemetry/log.js';
import { spanned } from '#telemetry/spans.js';
import type { Service } from './service.js';

type Acceptance = Parameters<typeof acceptJob>[1];

/**
 * Submits a job for a caller: checks the request against the caller's rights, the catalogue and the
 * project's quotas, plans it and stores it. Route and webhooks submit here, so every rule is here.
 * @throws {SCOPE_MISSING} The priority is for administrators.
 * @throws {UNKNOWN_BASELINE_JOB} The baseline's job does not exist, or belongs to another project.
 * @throws {UNKNOWN_UPLOAD} An upload does not exist, or belongs to another project.
 * @throws {WRONG_UPLOAD} An upload is of the other kind.
 * @throws {QUOTA_EXCEEDED} The job has too many runs, or too many jobs of the project are queued.
 * @throws Errors of the plan and of acceptJob.
 */
export async function submitJob(
  { store, catalogue, telemetry }: Pick<Service, 'store' | 'catalogue' | 'telemetry'>,
  access: Access,
  request: JobRequest,
  {
    traceparent = null,
    log = telemetry.log,
    ...acceptance
  }: Pick<Acceptance, 'idempotencyKey' | 'traceparent' | 'within'> & {
    log?: Pick<Log, 'info'>;
  } = {},
): Promise<Job> {
  checkPriority(access, request);
  const baseline = await baselineSide(store, access, request);
  const labels = request.workloads.map(workloadLabel);
  const noise = await newestGuestNoise(store, request.qemu.target, labels);
  const plan = planJob(request, catalogue, randomInt(2 ** 31), baseline, noise);
  checkRuns(access, plan);
  for (const upload of uploadsOf(request)) await checkUpload(store, access, upload);
  const requestDigest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const job = await spanned(
    telemetry.spans,
    'accept job',
    { kind: 'producer', parent: traceparent },
    async (span) => {
      const accepted = await acceptJob(store, {
        ...acceptance,
        request,
        plan,
        requestDigest,
        access,
        traceparent: span.traceparent,
      });
      span.end({ attributes: jobAttributes(accepted.job) });
      return accepted.job;
    },
  );
  log.info({ jobId: job.id, subject: access.subject }, 'job accepted');
  return job;
}

/**
 * Returns the head side of the job that a request's baseline names; null if it names none. The
 * baseline's uploads are in the new job's bundle, so both jobs must belong to one project.
 * @throws {UNKNOWN_BASELINE_JOB} The caller sees no such job, or it belongs to another project.
 */
async function baselineSide(
  store: Store,
  { project }: Access,
  { baseline, project: ownProject }: JobRequest,
): Promise<PlannedSide | null> {
  if (baseline === undefined || baseline === 'same' || baseline.job === undefined) return null;
  const id = baseline.job;
  const visible = project === null || (await projectOf(store, 'job', id)) === project;
  const job = visible ? await getJob(store, id) : null;
  if (job === null || (ownProject !== undefined && job.request.project !== ownProject))
    throw new QibenchError(
      'UNKNOWN_BASELINE_JOB',
      { field: 'baseline.job', id },
      { details: [{ path: 'baseline.job', message: `no job "${id}"` }] },
    );
  return sidesOf(job).head;
}

/**
 * Checks that an upload exists and has the kind that its field requires.
 * @throws {UNKNOWN_UPLOAD} The caller has no upload with the digest.
 * @throws {WRONG_UPLOAD} The upload is of the other kind.
 */
async function checkUpload(
  store: Store,
  { project }: Access,
  { field, digest, kind }: NamedUpload,
): Promise<void> {
  const visible = project === null || (await hasUploaded(store, project, digest));
  const upload = visible ? await findUpload(store, digest) : null;
  if (upload === null)
    throw new QibenchError(
      'UNKNOWN_UPLOAD',
      { field, digest },
      { details: [{ path: field, message: 'no upload has this digest' }] },
    );
  if (upload.kind === kind) return;
  const called = { code: 'code', patches: 'a patch series' };
  const [actual, expected] = [called[upload.kind], called[kind]];
  throw new QibenchError(
    'WRONG_UPLOAD',
    { field, digest, actual, expected },
    { details: [{ path: field, message: `is ${actual}, not ${expected}` }] },
  );
}
