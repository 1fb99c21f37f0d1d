// SPDX-License-Identifier: GPL-2.0-or-later
import type { QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { jobAttributes } from '#telemetry/attributes.js';
import type { Log } from '#telemetry/log.js';
import { spanned, type Span } from '#telemetry/spans.js';
import type { Telemetry } from '#telemetry/telemetry.js';
import { HOST_LOCK_STEP } from '../host/wait.js';
import type { NewSample, Results } from './job-context.js';
import type { Progress } from './progress.js';
import type { WorkerMetrics } from '../telemetry/worker-metrics.js';

/** Telemetry of a worker. */
export interface WorkerTelemetry extends Telemetry {
  readonly counts: WorkerMetrics;
  readonly worker: string;
}

/** Logs, counts and times one attempt at a job, without changing what passes through. */
export interface ObservedJob {
  progress(inner: Progress): Progress;
  results(inner: Results): Results;
  /** Counts the records of a stored trace. */
  traced(totals: {
    readonly records: bigint | number;
    readonly stored: bigint | number;
    readonly dropped: bigint | number;
  }): void;
  /** Ends the attempt. Null: it succeeded. */
  ended(error: QibenchError | null): void;
}

/**
 * Starts the observation of an attempt.
 * @param parent `traceparent` of the request that submitted the job.
 */
export function observeJob(
  telemetry: WorkerTelemetry,
  job: Job,
  parent: string | null,
  claimStartedAt: Date,
): ObservedJob {
  const { spans, counts, worker } = telemetry;
  const log: Log = telemetry.log.child({ jobId: job.id, epoch: job.epoch });
  const attributes = jobAttributes(job);
  // Only the first attempt waited in the queue since the job was created.
  if (job.epoch === 1)
    spans
      .start('queue', { parent, startedAt: new Date(job.createdAt), kind: 'consumer', attributes })
      .end();
  const run = spans.start('RUN', {
    parent,
    startedAt: claimStartedAt,
    kind: 'server',
    attributes: {
      ...attributes,
      'cicd.pipeline.action.name': 'RUN',
      'cicd.worker.id': worker,
      'cicd.worker.name': worker,
      'qibench.epoch': job.epoch,
    },
  });
  spans.start('claim', { parent: run.traceparent, startedAt: claimStartedAt }).end();
  const open = new Map<string, Span>();
  let block: Span | null = null;
  counts.jobsHeld.inc();
  log.info('job claimed');

  const blockSpan = () => (block ??= spans.start('block', { parent: run.traceparent }));
  const startSample = (
    { kind, variant, side, workload, startedAt }: NewSample,
    parentOfSample: string | null,
  ) =>
    spans
      .start('sample', {
        parent: parentOfSample,
        startedAt: new Date(startedAt),
        attributes: {
          'qibench.variant': variant,
          'qibench.side': side,
          'qibench.workload': workload,
          'qibench.sample.kind': kind,
        },
      })
      .end();
  return {
    progress: (inner) => ({
      ...inner,
      started(step, what) {
        const name = nameOf(step, what);
        const type = step === 'measure' || step === 'ingest' ? 'test' : 'build';
        open.set(
          `${step} ${what}`,
          spans.start(name, {
            parent: run.traceparent,
            attributes: {
              'cicd.pipeline.task.name': name,
              'cicd.pipeline.task.type': type,
              'qibench.what': what,
            },
          }),
        );
        log.debug({ step, what }, 'step started');
        inner.started(step, what);
      },
      finished(step, what, outcome) {
        const { durationMs, cached, key } = outcome;
        counts.steps.observe(
          { step: nameOf(step, what), cached: String(cached) },
          durationMs / 1000,
        );
        if (key !== null) counts.cacheLookups.inc({ step, outcome: cached ? 'hit' : 'miss' });
        open.get(`${step} ${what}`)?.end({
          attributes: { 'cicd.pipeline.task.run.result': 'success', 'qibench.cached': cached },
        });
        open.delete(`${step} ${what}`);
        log.info({ step, what, durationMs, cached, key }, 'step finished');
        inner.finished(step, what, outcome);
      },
    }),
    results: (inner) => ({
      ...inner,
      async traced(sample, trace) {
        const parentOfSample = blockSpan().traceparent;
        startSample(sample, parentOfSample);
        await spanned(
          spans,
          'ingest',
          { parent: parentOfSample, attributes: { 'qibench.trace': true } },
          () => inner.traced(sample, trace),
        );
        counts.samples.inc({ kind: sample.kind });
      },
      async block(kind, number, samples) {
        const span = blockSpan();
        for (const sample of samples) startSample(sample, span.traceparent);
        await spanned(
          spans,
          'ingest',
          { parent: span.traceparent, attributes: { 'qibench.trace': false } },
          () => inner.block(kind, number, samples),
        );
        counts.samples.inc({ kind }, samples.length);
        span.end({ attributes: { 'qibench.block': number } });
        block = null;
        if (kind !== 'timed') return;
        counts.blocks.inc();
        log.debug({ block: number }, 'block done');
      },
    }),
    traced({ records, stored, dropped }) {
      counts.traceRecords.inc({ outcome: 'stored' }, Number(stored));
      counts.traceRecords.inc({ outcome: 'beyond-quota' }, Number(records) - Number(stored));
      counts.traceRecords.inc({ outcome: 'dropped' }, Number(dropped));
    },
    ended(error) {
      counts.jobsHeld.dec();
      for (const span of [...open.values(), ...(block === null ? [] : [block])])
        span.end(error === null ? {} : { error: error.code });
      run.end({
        error: error?.code,
        attributes: { 'cicd.pipeline.result': error === null ? 'success' : resultOf(error) },
      });
      if (error?.code === 'LEASE_LOST') counts.leaseLosses.inc();
      if (error === null) log.info('job measured');
      else
        log[error.kind === 'bug' ? 'error' : 'warn'](
          { code: error.code, kind: error.kind, err: error },
          'job did not succeed',
        );
    },
  };
}

const nameOf = (step: string, what: string): string => (what === HOST_LOCK_STEP ? 'wait' : step);

/**
 * Returns the result by OpenTelemetry's conventions: `failure` of the tested code, else `error`.
 */
function resultOf({ code, kind }: QibenchError): string {
  if (code === 'CANCELLED') return 'cancellation';
  return kind === 'user' || kind === 'workload' ? 'failure' : 'error';
}
