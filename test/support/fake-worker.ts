// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '#contract/job.js';
import { planJob } from '#domain/plan.js';
import { readCatalogue } from '#catalogue/catalogue.js';
import { acceptJob } from '#store/jobs.js';
import type { Store } from '#store/store.js';
import { noTelemetry } from '#telemetry/telemetry.js';
import type { Engine } from '#worker/engine/engine.js';
import type { WorkerContext } from '#worker/job/worker-context.js';
import { workerMetrics } from '#worker/telemetry/worker-metrics.js';
import type { JobRequest } from '#contract/job.js';
import { jobRequest } from './job-request.js';

const catalogue = await readCatalogue(process.cwd());
/** Output of a successful run of port-io. */
export const PORT_IO_STATUS = catalogue.workloads.find(({ name }) => name === 'port-io')!.run
  .exitStatus;

/** Dependencies to run a job in this process, on any backend. */
export function fakeWorker(
  store: Store,
  backend: Engine,
  settings: Partial<WorkerContext> = {},
): WorkerContext {
  const telemetry = noTelemetry();
  return {
    store,
    backend,
    rootDir: process.cwd(),
    worker: 'fake',
    role: 'both',
    sharing: null,
    traceMaxBytes: 1024 ** 3,
    jobLimitMs: 3_600_000,
    workloads: catalogue.workloads,
    sourceHosts: [],
    host: {
      cpuset: '0',
      fifoPriority: null,
      knobs: async () => [],
      lockFolder: mkdtempSync(join(tmpdir(), 'qibench-fake-')),
    },
    heartbeat: { update: () => undefined, silentSeconds: () => 0, stop: async () => undefined },
    telemetry: { ...telemetry, counts: workerMetrics(telemetry.metrics), worker: 'fake' },
    disk: { shortage: async () => null, isFull: async () => false },
    shutdown: new AbortController().signal,
    ...settings,
  };
}

/** Accepts a job like the API. */
export async function acceptedJob(store: Store, details: Partial<JobRequest> = {}): Promise<Job> {
  const request = jobRequest(details);
  return (
    await acceptJob(store, {
      request,
      plan: planJob(request, catalogue, 1),
      requestDigest: 'digest',
    })
  ).job;
}
