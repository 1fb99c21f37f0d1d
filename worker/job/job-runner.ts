import { asQibenchError, QibenchError } from '../../services/contract/error.js';
import type { Job } from '../../services/contract/job.js';
import type { WorkerRole } from '../../services/contract/requires.js';
import type { WorkloadDefinition } from '../../services/contract/workload.js';
import { shownVariant } from '../../services/contract/side.js';
import { sameComparisons } from '../../services/domain/calibration.js';
import { compareJob, suspectsRegression } from '../../services/domain/comparison.js';
import type { JobTransition } from '../../services/domain/job-state.js';
import { recordBuild, recordHost } from '../../services/store/builds.js';
import { recordSameComparisons } from '../../services/store/hosts.js';
import { advanceJob, LEASE_SECONDS, renewLease, setBlocksDone } from '../../services/store/jobs.js';
import { asOutage } from '../../services/store/outage.js';
import {
  discardBlock,
  insertSample,
  listSamples,
  setSampleRecords,
} from '../../services/store/samples.js';
import type { Store } from '../../services/store/store.js';
import { writeTrace } from '../../services/store/trace-write.js';
import { traceparentOf } from '../../services/store/traceparent.js';
import { LABEL, type Backend } from '../engine/engine.js';
import { BUILD_LIMITS } from '../step-context.js';
import { build, execute } from '../measure/measure-job.js';
import type { Execution, MeasuringHost, Results } from './job-context.js';
import type { Presence } from './heartbeat.js';
import { progressWriter, type ProgressWriter } from './progress-writer.js';
import type { Room } from '../engine/disk-budget.js';
import type { Sharing } from '../engine/image-registry.js';
import { observeJob, type ObservedJob, type WorkerTelemetry } from './observed-job.js';
import { loadUploads } from './uploads.js';

/** How often a held job's lease is renewed, which is also how soon a request to cancel is seen. */
const RENEW_MS = 2_000;
/** How long a worker that stops tries to tell the database what it gives back. */
const STOP_LIMIT_MS = 10_000;

export interface Consumer {
  readonly store: Store;
  readonly backend: Backend;
  readonly rootDir: string;
  readonly worker: string;
  readonly role: WorkerRole;
  readonly host: MeasuringHost;
  /** Bytes of a trace file that are stored, at most. */
  readonly traceMaxBytes: number;
  /** From its first claim on, a job may take so long. */
  readonly jobLimitMs: number;
  readonly workloads: readonly WorkloadDefinition[];
  readonly presence: Presence;
  readonly telemetry: WorkerTelemetry;
  /** Null: images stay on the engine. */
  readonly sharing: Sharing | null;
  readonly room: Pick<Room, 'lacking' | 'full'>;
  /** Aborted when the worker is to stop; held jobs go back to the queue. */
  readonly shutdown: AbortSignal;
}

/** Claim a job and do it. Returns when the job has ended, was handed over or given back; false if none was to be had. */
export async function handleJob(
  consumer: Consumer,
  claim: () => Promise<Job | null>,
): Promise<boolean> {
  const { store, backend, telemetry } = consumer;
  const claimStartedAt = new Date();
  const job = await claim();
  if (job === null) return false;
  consumer.presence.doing({ jobId: job.id });
  const observed = observeJob(
    telemetry,
    job,
    telemetry.spans.on ? await traceparentOf(store, job.id).catch(() => null) : null,
    claimStartedAt,
  );
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, consumer.shutdown]);
  const seen: Seen = { lacking: null };
  const lease = setInterval(
    () => void Promise.all([renew(consumer, job, stop), lookAtDisk(consumer, seen)]),
    RENEW_MS,
  );
  const labels = { [LABEL.job]: job.id, [LABEL.epoch]: String(job.epoch) };
  const writer = progressWriter(store, job, (error) => stop.abort(error));
  try {
    await backend.sweep({ [LABEL.job]: job.id }); // what an earlier attempt left
    const execution: Execution = {
      context: {
        backend: consumer.sharing?.backend(backend, stopped) ?? backend,
        rootDir: consumer.rootDir,
        progress: observed.progress(writer.progress),
        signal: stopped,
        labels,
        limits: BUILD_LIMITS,
        lockFolder: consumer.host.lockFolder,
      },
      job,
      workloads: consumer.workloads,
      uploads: await loadUploads(store, job),
      host: consumer.host,
      volumePrefix: `qibench-${job.id}-${job.epoch}`,
      traceMaxBytes: consumer.traceMaxBytes,
      results: observed.results(resultsOf(consumer, job, writer, observed)),
    };
    await (consumer.role === 'build' ? build(execution) : execute(execution));
    await writer.flush();
    if (consumer.role !== 'build') await calibrateHost(store, job);
    await advanceJob(store, job.id, job.epoch, {
      type: consumer.role === 'build' ? 'handed-over' : 'measured',
    });
    observed.ended(null);
  } catch (error) {
    await writer.flush().catch(() => undefined);
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    observed.ended(asQibenchError(reason));
    await conclude(consumer, job, reason, seen);
  } finally {
    clearInterval(lease);
    consumer.presence.doing({ jobId: null });
    await backend.sweep(labels).catch(() => undefined); // of this attempt alone: another worker may have the next one
  }
  return true;
}

/** An A/A job says how often its host calls a difference where there is none. */
async function calibrateHost(store: Store, job: Job): Promise<void> {
  if (job.plan.sides?.same !== true) return;
  const comparison = compareJob(job.id, job.plan, await listSamples(store, job.id), {
    mixedHosts: true,
  });
  await recordSameComparisons(store, job.id, job.epoch, sameComparisons(comparison));
}

async function renew(
  { store, jobLimitMs }: Consumer,
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
    // The database does not answer: the lease runs on, and if it runs out every later write is refused.
  }
}

/** Record how a job ended that did not succeed; infrastructure failures are tried again. */
async function conclude(consumer: Consumer, job: Job, thrown: unknown, seen: Seen): Promise<void> {
  const error = await blameDisk(consumer, asQibenchError(asOutage(thrown)), seen);
  if (error.code === 'LEASE_LOST') return;
  const event = transitionFor(error, consumer.shutdown.aborted);
  const deadlineMs =
    performance.now() + (consumer.shutdown.aborted ? STOP_LIMIT_MS : LEASE_SECONDS * 1_000);
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

/** During an attempt. */
interface Seen {
  /** Why there was once no room on the engine's disk: what filled it may be gone with the container that failed. */
  lacking: string | null;
}

async function lookAtDisk({ room }: Pick<Consumer, 'room'>, seen: Seen): Promise<void> {
  seen.lacking ??= await room.lacking().catch(() => null);
}

/** Whatever fails on a full disk is not the fault of who wrote it. */
async function blameDisk(
  consumer: Consumer,
  error: QibenchError,
  seen: Seen,
): Promise<QibenchError> {
  if (error.kind === 'infra' || error.code === 'CANCELLED' || error.code === 'JOB_TIMED_OUT')
    return error;
  await lookAtDisk(consumer, seen);
  const { lacking } = seen;
  return lacking === null
    ? error
    : new QibenchError(
        'UNAVAILABLE',
        { what: 'room on the disk', reason: `${lacking}; the job ended with: ${error.message}` },
        { cause: error },
      );
}

function transitionFor(error: QibenchError, stopping: boolean): JobTransition {
  if (error.code === 'CANCELLED') return { type: 'cancelled' };
  return stopping ? { type: 'released' } : { type: 'failed', error };
}

function resultsOf(
  { store, presence, room, workloads, traceMaxBytes }: Consumer,
  job: Job,
  writer: ProgressWriter,
  observed: ObservedJob,
): Results {
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
      if (trace !== null && (await room.full()))
        throw new QibenchError('UNAVAILABLE', {
          what: 'room on the disk',
          reason: "Docker's disk is full, and a trace may lack what did not fit",
        });
      const sampleId = await insertSample(store, id, epoch, sample);
      if (trace !== null) {
        const { totals } = await writeTrace(store.pool, { sampleId, jobId: id }, trace);
        observed.traced(totals);
        if (totals.stored < totals.records)
          writer.progress.cut(
            'ingest',
            `a trace of ${shownVariant({ name: sample.variant, side: sample.side })} with ${sample.workload}`,
            traceMaxBytes,
          );
        const events = Object.fromEntries(
          totals.events.map(({ name, count }) => [name, String(count)]),
        );
        await setSampleRecords(store, sampleId, {
          stored: totals.stored,
          dropped: totals.dropped,
          events,
        });
      }
      if (sample.kind !== 'timed') return;
      const { block, workload, wallNs } = sample;
      const variant = shownVariant({ name: sample.variant, side: sample.side });
      writer.event({
        type: 'sample',
        block,
        blocks,
        variant,
        workload,
        warmup: block === 0,
        wallNs,
      });
    },
    blockDone: (block) => setBlocksDone(store, id, epoch, block),
    suspectsRegression: async (kind) =>
      suspectsRegression(job.plan, await listSamples(store, id), {
        workloads,
        ...(kind === 'timed' ? {} : { counted: await listSamples(store, id, kind) }),
      }),
  };
}
