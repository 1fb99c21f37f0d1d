// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobRequest } from '#contract/job.js';
import type { TraceSource } from '#domain/trace/trace-reader.js';
import { acceptJob, claimJob } from '#store/jobs.js';
import { insertSamples } from '#store/samples.js';
import type { Store } from '#store/store.js';
import { writeTrace, type TraceOwner, type WrittenTrace } from '#store/trace-write.js';
import { readTraceInThread } from '#worker/measure/trace/simpletrace/read-trace.js';
import { parseTraceEvents } from '#worker/measure/trace/trace-events.js';
import { jobPlan } from './job-plan.js';
import { jobRequest } from './job-request.js';
import { newSampleOf } from './sample.js';
import { header } from './trace-encoder.js';

const plan = jobPlan({ events: ['write', 'read'], variants: [], workloads: [] });

/** Inserts a sample of a new job, like a worker. */
export async function newSample(
  store: Store,
  details: Partial<JobRequest> = {},
): Promise<TraceOwner> {
  const request = jobRequest({ name: 'trace', ...details });
  const { job } = await acceptJob(store, { request, plan, requestDigest: 'd' });
  const { epoch } = (await claimJob(store, job.id, 'w'))!;
  const sample = newSampleOf({ variant: 'backend-simple', hostFingerprint: 'sha256:x' });
  const [sampleId] = await insertSamples(store, job.id, epoch, [sample]);
  return { sampleId: sampleId!, jobId: job.id };
}

async function* pieces(buffers: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* buffers;
}

/** A trace file in pieces, in the form that a worker reads. */
function traceSource(
  eventsFile: string,
  file: readonly Buffer[],
  maxBytes = Infinity,
): TraceSource {
  return {
    reader: readTraceInThread(pieces(file), { events: parseTraceEvents(eventsFile), maxBytes }),
    eventsFile,
  };
}

/** Stores a trace file as the trace of a new sample. */
export async function storeTrace(
  store: Store,
  eventsFile: string,
  file: readonly Buffer[],
  maxBytes = Infinity,
  details: Partial<JobRequest> = {},
): Promise<WrittenTrace & TraceOwner> {
  const owner = await newSample(store, details);
  return {
    ...owner,
    ...(await writeTrace(store.pool, owner, traceSource(eventsFile, file, maxBytes))),
  };
}

/** Stores a trace without records for an existing sample. */
export async function storeEmptyTrace(store: Store, owner: TraceOwner): Promise<string> {
  return (await writeTrace(store.pool, owner, traceSource('', [header()]))).traceId;
}
