import { Counter, Gauge, Histogram, type Registry } from '../../services/telemetry/metrics.js';

export type WorkerMetrics = ReturnType<typeof workerMetrics>;

/** What a worker counts of its own work, since it started. Labels have few values: none is text of a job. */
export function workerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jobsHeld: new Gauge({
      name: 'qibench_worker_jobs_held',
      help: 'Jobs that the worker holds now',
      registers,
    }),
    steps: new Histogram({
      name: 'qibench_step_duration_seconds',
      help: 'Steps of jobs that were done, by whether their result was there already',
      labelNames: ['step', 'cached'],
      buckets: [0.1, 0.5, 2, 10, 30, 60, 180, 600, 1800],
      registers,
    }),
    cacheLookups: new Counter({
      name: 'qibench_cache_lookups_total',
      help: 'Steps whose result is kept under a key, by whether it was there',
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
      help: 'Images that went to the registry or came from there, or failed to',
      labelNames: ['outcome'],
      registers,
    }),
    samples: new Counter({
      name: 'qibench_samples_total',
      help: 'Samples that were stored',
      labelNames: ['kind'],
      registers,
    }),
    blocks: new Counter({
      name: 'qibench_blocks_total',
      help: 'Blocks that were finished, block 0 included',
      registers,
    }),
    traceRecords: new Counter({
      name: 'qibench_trace_records_total',
      help: 'Trace records: stored, beyond the quota of bytes, or dropped by QEMU',
      labelNames: ['outcome'],
      registers,
    }),
    leaseLosses: new Counter({
      name: 'qibench_worker_lease_losses_total',
      help: 'Jobs that the worker found it no longer holds',
      registers,
    }),
  };
}
