// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import type { Job } from '#contract/job.js';
import { shownVariant } from '#contract/side.js';
import { suspectsRegression } from '#domain/comparison.js';
import { definitionsOf } from '#domain/definitions.js';
import { recordBuild, recordHost } from '#store/builds.js';
import { recordGuestNoise } from '#store/hosts.js';
import { advanceJob } from '#store/jobs.js';
import { storeMachineCode, storeProfile } from '#store/profiles.js';
import { discardBlock, insertSamples, listFigures, setSampleRecords } from '#store/samples.js';
import { writeTrace } from '#store/trace-write.js';
import type { Results } from './job-context.js';
import type { WorkerContext } from './worker-context.js';
import type { ObservedJob } from './observed-job.js';
import type { ProgressWriter } from './progress-writer.js';

/** Stores an attempt's results, fenced by the job's epoch. */
export function storedResults(
  { store, heartbeat, disk, workloads, traceMaxBytes }: WorkerContext,
  job: Job,
  writer: ProgressWriter,
  observed: ObservedJob,
): Results {
  const { id, epoch, plan } = job;
  return {
    build: (build) => recordBuild(store, id, build),
    async host(fingerprint) {
      await recordHost(store, fingerprint);
      heartbeat.update({ hostFingerprint: fingerprint.digest });
    },
    async measuring() {
      await writer.flush();
      await advanceJob(store, id, epoch, { type: 'built' });
    },
    samples: (kind) => listFigures(store, job, [], kind),
    restart: (block) => discardBlock(store, id, epoch, block),
    async traced(sample, trace) {
      if (await disk.isFull())
        throw new QibenchError('UNAVAILABLE', {
          what: 'disk space',
          reason: "Docker's disk is full, and a trace may lack records",
        });
      const [sampleId] = await insertSamples(store, id, epoch, [sample]);
      const { totals } = await writeTrace(store.pool, { sampleId: sampleId!, jobId: id }, trace);
      observed.traced(totals);
      if (totals.stored < totals.records)
        writer.progress.truncated(
          'ingest',
          `a trace of ${shownVariant({ name: sample.variant, side: sample.side })} with ${sample.workload}`,
          traceMaxBytes,
        );
      await setSampleRecords(store, sampleId!, {
        stored: totals.stored,
        dropped: totals.dropped,
        events: Object.fromEntries(totals.events.map(({ name, count }) => [name, String(count)])),
      });
    },
    async block(kind, block, samples) {
      await insertSamples(store, id, epoch, samples, kind === 'timed' ? block : null);
    },
    compiled: (code) => storeMachineCode(store, id, epoch, code),
    profiled: (profile) => storeProfile(store, id, epoch, profile),
    progressed(block, progress) {
      const { spentSeconds, undecided, remainingSeconds } = progress;
      writer.event({
        type: 'block',
        block,
        blocks: plan.blocks,
        withinSeconds: plan.withinSeconds,
        spentSeconds,
        undecided,
        remainingSeconds,
        warmup: block === 0,
      });
    },
    noise: (guests) => recordGuestNoise(store, job.request.qemu.target, guests),
    suspectsRegression: async (kind) =>
      suspectsRegression(plan, await listFigures(store, job), {
        workloads: definitionsOf(plan, workloads),
        ...(kind === 'timed' ? {} : { counted: await listFigures(store, job, [], kind) }),
      }),
  };
}
