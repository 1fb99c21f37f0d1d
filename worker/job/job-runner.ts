// SPDX-License-Identifier: GPL-2.0-or-later
import { asQibenchError, QibenchError, type ErrorCode } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { sameComparisons } from '#domain/calibration.js';
import { compareJob } from '#domain/comparison.js';
import type { JobTransition } from '#domain/job-state.js';
import { recordSameComparisons } from '#store/hosts.js';
import { advanceJob, LEASE_SECONDS, renewLease } from '#store/jobs.js';
import { savePlan } from '#store/plans.js';
import { toUnavailable } from '#store/outage.js';
import { listFigures } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { traceparentOf } from '#store/traceparent.js';
import { LABEL } from '../engine/engine.js';
import { buildJob } from '../build/build-job.js';
import { completePlan } from '../build/complete-plan.js';
import { BUILD_LIMITS } from '../step-context.js';
import { measureJob } from '../measure/measure-job.js';
import type { JobContext } from './job-context.js';
import { storedResults } from './results.js';
import { progressWriter } from './progress-writer.js';
import { observeJob } from './observed-job.js';
import { loadUploads } from './uploads.js';
import { openUpload } from './workload-source.js';
import type { WorkerContext } from './worker-context.js';

/** Interval of lease renewals, and so the longest delay until a cancel request is seen. */
const RENEW_MS = 2_000;
/** Time limit for a stopping worker to return its job to the queue. */
const STOP_LIMIT_MS = 10_000;

/**
 * Claims a job and runs it: builds, then measures. Returns after the job has ended, was handed
 * over, or was returned to the queue.
 *
 * @returns False if no job was claimed.
 */
export async function runJob(
  worker: WorkerContext,
  claim: () => Promise<Job | null>,
): Promise<boolean> {
  const { store, backend, telemetry } = worker;
  const claimStartedAt = new Date();
  const job = await claim();
  if (job === null) return false;
  worker.heartbeat.update({ jobId: job.id });
  const observed = observeJob(
    telemetry,
    job,
    telemetry.spans.on ? await traceparentOf(store, job.id).catch(() => null) : null,
    claimStartedAt,
  );
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, worker.shutdown]);
  const seen: Seen = { shortage: null };
  const lease = setInterval(
    () => void Promise.all([renew(worker, job, stop), lookAtDisk(worker, seen)]),
    RENEW_MS,
  );
  const labels = { [LABEL.job]: job.id, [LABEL.epoch]: String(job.epoch) };
  const writer = progressWriter(store, job, (error) => stop.abort(error));
  try {
    await backend.sweep({ [LABEL.job]: job.id }); // leftovers of an earlier attempt
    const attempt = (job: Job) => observed.results(storedResults(worker, job, writer, observed));
    const accepted: JobContext = {
      context: {
        backend: worker.sharing?.backend(backend, stopped) ?? backend,
        rootDir: worker.rootDir,
        progress: observed.progress(writer.progress),
        signal: stopped,
        labels,
        limits: BUILD_LIMITS,
        lockFolder: worker.host.lockFolder,
      },
      job,
      workloads: worker.workloads,
      uploads: await loadUploads(store, job),
      openUpload: (digest) => openUpload(store, digest),
      sourceHosts: worker.sourceHosts,
      host: worker.host,
      traceMaxBytes: worker.traceMaxBytes,
      results: attempt(job),
    };
    const plan = await completePlan(accepted);
    if (plan !== null) await savePlan(store, job.id, job.epoch, plan);
    const complete = plan === null ? job : { ...job, plan };
    const context = { ...accepted, job: complete, results: attempt(complete) };
    if (complete.request.check === undefined) {
      const prepared = await buildJob(context);
      if (worker.role !== 'build') await measureJob(context, prepared);
    } else if (worker.role !== 'build') await context.results.measuring();
    await writer.flush();
    if (worker.role !== 'build') await calibrateHost(store, complete);
    await advanceJob(store, job.id, job.epoch, {
      type: worker.role === 'build' ? 'handed-over' : 'measured',
    });
    observed.ended(null);
  } catch (error) {
    await writer.flush().catch(() => undefined);
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    observed.ended(asQibenchError(reason));
    await conclude(worker, job, reason, seen);
  } finally {
    clearInterval(lease);
    worker.heartbeat.update({ jobId: null });
    // Only this attempt's leftovers: another worker may have the next attempt.
    await backend.sweep(labels).catch(() => undefined);
  }
  return true;
}

/** Records the results of an A/A job, which calibrate its host's false-alarm rate. */
async function calibrateHost(store: Store, job: Job): Promise<void> {
  if (job.plan.sides?.same !== true) return;
  const comparison = compareJob(job.id, job.plan, await listFigures(store, job), {
    mixedHosts: true,
  });
  await recordSameComparisons(store, job.id, job.epoch, sameComparisons(comparison));
}

async function renew(
  { store, jobLimitMs }: WorkerContext,
  job: Job,
  stop: AbortController,
): Promise<void> {
  try {
    const { held, cancelRequested, overdue } = await renewLease(
      store,
      job.id,
      job.epoch,
      jobLimitMs,
    );
    if (!held) stop.abort(new QibenchError('LEASE_LOST', { id: job.id, epoch: job.epoch }));
    else if (cancelRequested) stop.abort(new QibenchError('CANCELLED'));
    else if (overdue)
      stop.abort(new QibenchError('JOB_TIMED_OUT', { limitSeconds: jobLimitMs / 1_000 }));
  } catch {
    // The database does not answer. The lease continues; once it expires, every write is refused.
  }
}

/** Records the end of a job that did not succeed; infrastructure failures are retried. */
async function conclude(
  worker: WorkerContext,
  job: Job,
  thrown: unknown,
  seen: Seen,
): Promise<void> {
  const error = await blameDisk(worker, asQibenchError(toUnavailable(thrown)), seen);
  if (error.code === 'LEASE_LOST') return;
  const event = transitionFor(error, worker.shutdown.aborted);
  const deadlineMs =
    performance.now() + (worker.shutdown.aborted ? STOP_LIMIT_MS : LEASE_SECONDS * 1_000);
  for (;;) {
    try {
      return await advanceJob(worker.store, job.id, job.epoch, event);
    } catch (failure) {
      const reported = toUnavailable(failure);
      if (!(reported instanceof QibenchError)) throw failure;
      if (reported.code === 'LEASE_LOST') return;
      // The database is away, which may be why the job failed. Retries until the deadline; after
      // that, the reaper handles the job.
      if (performance.now() > deadlineMs) throw failure;
      await new Promise((resolve) => setTimeout(resolve, RENEW_MS));
    }
  }
}

/** Errors that a full disk does not cause. */
const CERTAIN: readonly ErrorCode[] = [
  'CANCELLED',
  'JOB_TIMED_OUT',
  'OVER_LIMIT',
  'KILLED_FROM_WITHIN',
];

/** Observations during an attempt. */
interface Seen {
  /**
   * First shortage of disk space. It is remembered because the container that filled the disk may
   * be gone when the job fails.
   */
  shortage: string | null;
}

async function lookAtDisk({ disk }: Pick<WorkerContext, 'disk'>, seen: Seen): Promise<void> {
  seen.shortage ??= await disk.shortage().catch(() => null);
}

/**
 * Failures on a full disk are infrastructure errors, never the user's, unless the job's own code
 * filled the disk or killed its container.
 */
async function blameDisk(
  worker: WorkerContext,
  error: QibenchError,
  seen: Seen,
): Promise<QibenchError> {
  if (error.kind === 'infra' || CERTAIN.includes(error.code)) return error;
  await lookAtDisk(worker, seen);
  const { shortage } = seen;
  return shortage === null
    ? error
    : new QibenchError(
        'UNAVAILABLE',
        { what: 'disk space', reason: `${shortage}; the job ended with: ${error.message}` },
        { cause: error },
      );
}

function transitionFor(error: QibenchError, stopping: boolean): JobTransition {
  if (error.code === 'CANCELLED') return { type: 'cancelled' };
  return stopping ? { type: 'released' } : { type: 'failed', error };
}
