import { asQibenchError, QibenchError } from '../services/contract/error.js';
import type { Job } from '../services/contract/job.js';
import type { JobEventBody, Step } from '../services/contract/job-event.js';
import type { WorkloadDefinition } from '../services/contract/workload.js';
import { shownVariant } from '../services/contract/side.js';
import { sameComparisons } from '../services/domain/calibration.js';
import { compareJob, suspectsRegression } from '../services/domain/comparison.js';
import type { JobTransition } from '../services/domain/job-state.js';
import { recordBuild, recordHost } from '../services/store/builds.js';
import { appendEvent } from '../services/store/events.js';
import { recordSameComparisons } from '../services/store/hosts.js';
import { advanceJob, claimJob, LEASE_SECONDS, renewLease, setBlocksDone } from '../services/store/jobs.js';
import { appendLog } from '../services/store/logs.js';
import { asOutage } from '../services/store/outage.js';
import { discardBlock, insertSample, listSamples, setSampleRecords } from '../services/store/samples.js';
import type { Store } from '../services/store/store.js';
import { writeTrace } from '../services/store/trace-write.js';
import { traceparentOf } from '../services/store/traceparent.js';
import { LABEL, type Backend } from './backend/backend.js';
import { BUILD_LIMITS } from './build/context.js';
import { execute } from './execute.js';
import type { MeasuringHost, Results } from './execution.js';
import type { Presence } from './presence.js';
import type { Progress } from './progress.js';
import type { Room } from './room/room.js';
import { observeJob, type ObservedJob, type WorkerTelemetry } from './telemetry/observed-job.js';
import { loadUploads } from './uploads.js';

/** How often a held job's lease is renewed, which is also how soon a request to cancel is seen. */
const RENEW_MS = 2_000;
const PROGRESS_MS = 500;
/** How long a worker that stops tries to tell the database what it gives back. */
const STOP_LIMIT_MS = 10_000;

export interface Consumer {
  readonly store: Store;
  readonly backend: Backend;
  readonly rootDir: string;
  readonly worker: string;
  readonly host: MeasuringHost;
  /** Bytes of a trace file that are stored, at most. */
  readonly traceMaxBytes: number;
  /** From its first claim on, a job may take so long. */
  readonly jobLimitMs: number;
  readonly workloads: readonly WorkloadDefinition[];
  readonly presence: Presence;
  readonly telemetry: WorkerTelemetry;
  readonly room: Pick<Room, 'lacking'>;
  /** Aborted when the worker is to stop; held jobs go back to the queue. */
  readonly shutdown: AbortSignal;
}

/** Claim a job and do it. Returns when the job has ended, was given back, or was not to be had. */
export async function handleJob(consumer: Consumer, jobId: string): Promise<void> {
  const { store, backend, telemetry } = consumer;
  const claimStartedAt = new Date();
  const job = await claimJob(store, jobId, consumer.worker);
  if (job === null) return;
  consumer.presence.doing({ jobId });
  const observed = observeJob(telemetry, job, telemetry.spans.on ? await traceparentOf(store, job.id).catch(() => null) : null, claimStartedAt);
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, consumer.shutdown]);
  const lease = setInterval(() => void renew(store, job, stop), RENEW_MS);
  const limit = setTimeout(() => stop.abort(new QibenchError('JOB_TIMED_OUT', { limitSeconds: consumer.jobLimitMs / 1_000 })), leftOfLimit(job, consumer.jobLimitMs));
  const labels = { [LABEL.job]: job.id, [LABEL.epoch]: String(job.epoch) };
  const writer = progressWriter(store, job, (error) => stop.abort(error));
  try {
    await backend.sweep({ [LABEL.job]: job.id }); // what an earlier attempt left
    await execute({
      context: { backend, rootDir: consumer.rootDir, progress: observed.progress(writer.progress), signal: stopped, labels, limits: BUILD_LIMITS },
      job,
      workloads: consumer.workloads,
      uploads: await loadUploads(store, job),
      host: consumer.host,
      volumePrefix: `qibench-${job.id}-${job.epoch}`,
      traceMaxBytes: consumer.traceMaxBytes,
      results: observed.results(resultsOf(consumer, job, writer, observed)),
    });
    await writer.flush();
    await calibrateHost(store, job);
    await advanceJob(store, job.id, job.epoch, { type: 'measured' });
    observed.ended(null);
  } catch (error) {
    await writer.flush().catch(() => undefined);
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    observed.ended(asQibenchError(reason));
    await conclude(consumer, job, reason);
  } finally {
    clearInterval(lease);
    clearTimeout(limit);
    consumer.presence.doing({ jobId: null });
    await backend.sweep(labels).catch(() => undefined); // of this attempt alone: another worker may have the next one
  }
}

/** Attempts share the limit: a job that is tried again does not start anew. */
function leftOfLimit({ startedAt }: Job, limitMs: number): number {
  const passedMs = startedAt === null ? 0 : Date.now() - Date.parse(startedAt);
  return Math.min(Math.max(limitMs - passedMs, 0), 2 ** 31 - 1); // the most that a timer can wait
}

/** An A/A job says how often its host calls a difference where there is none. */
async function calibrateHost(store: Store, job: Job): Promise<void> {
  if (job.plan.sides?.same !== true) return;
  const comparison = compareJob(job.id, job.plan, await listSamples(store, job.id), { mixedHosts: true });
  await recordSameComparisons(store, job.id, job.epoch, sameComparisons(comparison));
}

async function renew(store: Store, job: Job, stop: AbortController): Promise<void> {
  try {
    const { held, cancelRequested } = await renewLease(store, job.id, job.epoch);
    if (!held) stop.abort(new QibenchError('LEASE_LOST', { id: job.id, epoch: job.epoch }));
    else if (cancelRequested) stop.abort(new QibenchError('CANCELLED'));
  } catch {
    // The database does not answer: the lease runs on, and if it runs out every later write is refused.
  }
}

/** Record how a job ended that did not succeed; infrastructure failures are tried again. */
async function conclude(consumer: Consumer, job: Job, thrown: unknown): Promise<void> {
  const error = await blameDisk(consumer, asQibenchError(asOutage(thrown)));
  if (error.code === 'LEASE_LOST') return;
  const event = transitionFor(error, consumer.shutdown.aborted);
  const deadlineMs = performance.now() + (consumer.shutdown.aborted ? STOP_LIMIT_MS : LEASE_SECONDS * 1_000);
  for (;;) {
    try {
      return await advanceJob(consumer.store, job.id, job.epoch, event);
    } catch (failure) {
      const reported = asOutage(failure);
      if (!(reported instanceof QibenchError)) throw failure;
      if (reported.code === 'LEASE_LOST') return;
      // The database is away, which may be why the job failed: it is told as soon as it is back. After that the reaper knows.
      if (performance.now() > deadlineMs) throw failure;
      await new Promise((resolve) => setTimeout(resolve, RENEW_MS));
    }
  }
}

/** Whatever fails on a full disk is not the fault of who wrote it. */
async function blameDisk({ room }: Consumer, error: QibenchError): Promise<QibenchError> {
  if (error.kind === 'infra' || error.code === 'CANCELLED' || error.code === 'JOB_TIMED_OUT') return error;
  const lacking = await room.lacking().catch(() => null);
  return lacking === null ? error : new QibenchError('UNAVAILABLE', { what: 'room on the disk', reason: `${lacking}; the job ended with: ${error.message}` }, { cause: error });
}

function transitionFor(error: QibenchError, stopping: boolean): JobTransition {
  if (error.code === 'CANCELLED') return { type: 'cancelled' };
  return stopping ? { type: 'released' } : { type: 'failed', error };
}

function resultsOf({ store, presence, workloads }: Consumer, job: Job, writer: ProgressWriter, observed: ObservedJob): Results {
  const { id, epoch } = job;
  return {
    build: (build) => recordBuild(store, id, build),
    async host(fingerprint) {
      await recordHost(store, fingerprint);
      presence.doing({ hostFingerprint: fingerprint.digest });
    },
    async measuring() {
      await writer.flush();
      await advanceJob(store, id, epoch, { type: 'built' });
    },
    restartBlock: (block) => discardBlock(store, id, epoch, block),
    async sample(sample, blocks, trace) {
      const sampleId = await insertSample(store, id, epoch, sample);
      if (trace !== null) {
        const { totals } = await writeTrace(store.pool, { sampleId, jobId: id }, trace);
        observed.traced(totals);
        const events = Object.fromEntries(totals.events.map(({ name, count }) => [name, String(count)]));
        await setSampleRecords(store, sampleId, { stored: totals.stored, dropped: totals.dropped, events });
      }
      if (sample.kind !== 'timed') return;
      const { block, workload, wallNs } = sample;
      const variant = shownVariant({ name: sample.variant, side: sample.side });
      writer.event({ type: 'sample', block, blocks, variant, workload, warmup: block === 0, wallNs });
    },
    blockDone: (block) => setBlocksDone(store, id, epoch, block),
    suspectsRegression: async (kind) => suspectsRegression(job.plan, await listSamples(store, id), { workloads, ...(kind === 'timed' ? {} : { counted: await listSamples(store, id, kind) }) }),
  };
}

interface ProgressWriter {
  readonly progress: Progress;
  event(body: JobEventBody): void;
  flush(): Promise<void>;
}

/** Writes events and log in order, progress at most twice a second; the first write that fails stops the job. */
function progressWriter(store: Store, job: Job, onError: (error: unknown) => void): ProgressWriter {
  let tail: Promise<void> = Promise.resolve();
  let log: { step: Step; text: string } | null = null;
  let lastProgressMs = 0;
  const write = (work: () => Promise<void>) => void (tail = tail.then(work).catch(onError));
  const event = (body: JobEventBody) => {
    writeLog();
    write(() => appendEvent(store, job.id, job.epoch, body));
  };
  const writeLog = () => {
    if (log === null) return;
    const { step, text } = log;
    log = null;
    write(() => appendLog(store, job.id, job.epoch, step, text));
  };
  return {
    event,
    async flush() {
      writeLog();
      await tail;
    },
    progress: {
      started: (step, what) => event({ type: 'step-started', step, what }),
      finished: (step, what, outcome) => event({ type: 'step-finished', step, what, ...outcome }),
      advanced(step, what, done, total) {
        const nowMs = performance.now();
        if (nowMs - lastProgressMs < PROGRESS_MS) return;
        lastProgressMs = nowMs;
        event({ type: 'step-progress', step, what, done, total });
      },
      log(step, text) {
        if (log !== null && log.step !== step) writeLog();
        log = { step, text: (log?.text ?? '') + text };
        if (log.text.length > 16_384) writeLog();
      },
    },
  };
}
