// SPDX-License-Identifier: GPL-2.0-or-later
import { Counter, Gauge, Histogram, type Registry } from '#telemetry/metrics.js';

export type WorkerMetrics = ReturnType<typeof workerMetrics>;

/**
 * Registers the metrics of a worker since its start. Labels have few values; a job's texts are
 * never labels.
 */
export function workerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jobsHeld: new Gauge({
      name: 'qibench_worker_jobs_leased',
      help: 'Jobs leased by the worker now',
      registers,
    }),
    steps: new Histogram({
      name: 'qibench_step_duration_seconds',
      help: 'Duration of finished job steps, by whether their result was cached',
      labelNames: ['step', 'cached'],
      buckets: [0.1, 0.5, 2, 10, 30, 60, 180, 600, 1800],
      registers,
    }),
    cacheLookups: new Counter({
      name: 'qibench_cache_lookups_total',
      help: 'Cache lookups of job steps, by outcome',
      labelNames: ['step', 'outcome'],
      registers,
    }),
    imageBuilds: new Counter({
      name: 'qibench_image_builds_total',
      help: 'Builds of Docker images from a Dockerfile',
      labelNames: ['outcome'],
      registers,
    }),
    sharedImages: new Counter({
      name: 'qibench_shared_images_total',
      help: 'Transfers of images to or from the registry, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    samples: new Counter({
      name: 'qibench_samples_total',
      help: 'Stored samples',
      labelNames: ['kind'],
      registers,
    }),
    blocks: new Counter({
      name: 'qibench_blocks_total',
      help: 'Finished blocks, including block 0',
      registers,
    }),
    traceRecords: new Counter({
      name: 'qibench_trace_records_total',
      help: 'Trace records: stored, beyond the byte quota, or dropped by QEMU',
      labelNames: ['outcome'],
      registers,
    }),
    leaseLosses: new Counter({
      name: 'qibench_worker_lease_losses_total',
      help: 'Leases that the worker lost while it ran the job',
      registers,
    }),
  };
}
