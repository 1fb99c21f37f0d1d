// SPDX-License-Identifier: GPL-2.0-or-later
import { createHash, randomInt } from 'node:crypto';
import { QibenchError } from '#contract/error.js';
import type { Job, JobPlan, JobRequest } from '#contract/job.js';
import type { PlannedSide } from '#contract/side.js';
import type { JobPreview } from '#contract/preview.js';
import type { Upload, UploadKind } from '#contract/upload.js';
import type { WorkloadUpload } from '#contract/workload-upload.js';
import { checkPlan, checkPriority, checkSize, mayDo, type Access } from '#domain/access.js';
import type { GuestNoise } from '#domain/expectation.js';
import { capabilitiesOf, checkRecording } from '#domain/host-recorders.js';
import { planJob } from '#domain/plan.js';
import { labelsOf } from '#domain/plan-workloads.js';
import { sidesOf } from '#domain/plan-sides.js';
import { previewOf } from '#domain/preview.js';
import { uploadsOf, type NamedUpload } from '#domain/uploads.js';
import { typicalBuildSeconds } from '#store/builds.js';
import { newestGuestNoise } from '#store/hosts.js';
import { acceptJob, getJob } from '#store/jobs.js';
import { hasUploaded, projectOf } from '#store/ownership.js';
import type { Store } from '#store/store.js';
import { findUpload } from '#store/uploads.js';
import { listWorkers } from '#store/workers.js';
import { jobAttributes } from '#telemetry/attributes.js';
import type { Log } from '#telemetry/log.js';
import { spanned } from '#telemetry/spans.js';
import { pinSources } from './pin-sources.js';
import type { Service } from './service.js';

type Acceptance = Parameters<typeof acceptJob>[1];

type Sources = Pick<Service, 'store' | 'catalogue' | 'accessSettings'>;

/**
 * Checks a request against the caller's rights, the catalogue and the project's quotas, and plans
 * it. Every rule about a new job is here.
 * @throws {SCOPE_MISSING} The priority is for administrators.
 * @throws {UNKNOWN_BASELINE_JOB} The baseline's job does not exist, or belongs to another project.
 * @throws {UNKNOWN_UPLOAD} An upload does not exist, or belongs to another project.
 * @throws {WRONG_UPLOAD} An upload is of another kind.
 * @throws {IMAGE_NOT_ALLOWED} A workload has a Dockerfile, and the operator does not allow it.
 * @throws {SOURCE_HOST_REFUSED} The operator does not allow the host of a source.
 * @throws {UNKNOWN_REVISION} A repository lacks a ref or tag.
 * @throws {SOURCE_UNAVAILABLE} A repository does not answer.
 * @throws {QUOTA_EXCEEDED} The job has too many variants, workloads, blocks or runs.
 * @throws {RECORDING_REFUSED} A variant needs a part of the host that no running worker offers.
 * @throws Errors of the plan.
 */
async function planned(
  { store, catalogue, accessSettings: { imageProjects, sourceHosts } }: Sources,
  access: Access,
  asked: JobRequest,
): Promise<{ plan: JobPlan; guests: readonly GuestNoise[] }> {
  checkPriority(access, asked);
  checkSize(access, {
    variants: asked.variants.length,
    workloads: asked.workloads.length,
    blocks: asked.blocks ?? 0,
  });
  const request = await pinSources(asked, sourceHosts);
  const baseline = await baselineSide(store, access, request);
  const workloads = new Map<string, WorkloadUpload>();
  for (const named of uploadsOf(request)) {
    const { workload } = await checkedUpload(store, access, named);
    if (workload === undefined) continue;
    checkMethod(imageProjects, access, request, named.field, workload);
    workloads.set(named.digest, workload);
  }
  const labels = labelsOf(request, { catalogue, uploaded: workloads });
  const guests = await newestGuestNoise(store, request.qemu.target, labels);
  const plan = planJob(request, catalogue, randomInt(2 ** 31), baseline, guests, workloads);
  checkPlan(access, plan);
  if (capabilitiesOf(plan.variants).length > 0)
    checkRecording(request.variants, await listWorkers(store));
  return { plan, guests };
}

/**
 * Returns the plan of a job with its builds, runs and time, without submitting it.
 * @throws Errors of a submission, except about the number of jobs.
 */
export async function previewJob(
  sources: Sources,
  access: Access,
  request: JobRequest,
): Promise<JobPreview> {
  const { plan, guests } = await planned(sources, access, request);
  return previewOf(plan, guests, await typicalBuildSeconds(sources.store, request.qemu.target));
}

/**
 * Submits a job for a caller: checks, plans and stores it. Route and webhooks submit here.
 * @throws {QUOTA_EXCEEDED} Too many jobs of the project are queued, or the job is too large.
 * @throws Errors of previewJob and of acceptJob.
 */
export async function submitJob(
  service: Sources & Pick<Service, 'telemetry'>,
  access: Access,
  request: JobRequest,
  {
    traceparent = null,
    log = service.telemetry.log,
    ...acceptance
  }: Pick<Acceptance, 'idempotencyKey' | 'traceparent' | 'within'> & {
    log?: Pick<Log, 'info'>;
  } = {},
): Promise<Job> {
  const { store, telemetry } = service;
  const { plan } = await planned(service, access, request);
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

/** Names of the kinds of uploads within a sentence. */
const KINDS: Readonly<Record<UploadKind, string>> = {
  code: 'code',
  patches: 'a patch series',
  workload: 'a workload',
  source: 'a source tree',
};

/**
 * Returns an upload, which has the kind that its field requires.
 * @throws {UNKNOWN_UPLOAD} The caller has no upload with the digest.
 * @throws {WRONG_UPLOAD} The upload is of another kind.
 */
async function checkedUpload(
  store: Store,
  { project }: Access,
  { field, digest, kind }: NamedUpload,
): Promise<Upload> {
  const visible = project === null || (await hasUploaded(store, project, digest));
  const upload = visible ? await findUpload(store, digest) : null;
  if (upload === null)
    throw new QibenchError(
      'UNKNOWN_UPLOAD',
      { field, digest },
      { details: [{ path: field, message: 'no upload has this digest' }] },
    );
  if (upload.kind === kind) return upload;
  const [actual, expected] = [KINDS[upload.kind], KINDS[kind]];
  throw new QibenchError(
    'WRONG_UPLOAD',
    { field, digest, actual, expected },
    { details: [{ path: field, message: `is ${actual}, not ${expected}` }] },
  );
}

/**
 * Checks that the caller may have an image built. The engine builds it with a network, outside of
 * the sandbox of other uploads.
 * @param imageProjects Projects whose jobs may; `*`: all.
 * @throws {IMAGE_NOT_ALLOWED} The operator does not allow it.
 */
function checkMethod(
  imageProjects: readonly string[],
  access: Access,
  request: JobRequest,
  field: string,
  { method }: WorkloadUpload,
): void {
  const project = request.project ?? access.project;
  if (method !== 'image' || mayDo(access, 'admin')) return;
  if (imageProjects.includes('*') || (project !== null && imageProjects.includes(project))) return;
  throw new QibenchError(
    'IMAGE_NOT_ALLOWED',
    { field, project: project ?? '' },
    { details: [{ path: field, message: 'has a Dockerfile, which the operator does not allow' }] },
  );
}
