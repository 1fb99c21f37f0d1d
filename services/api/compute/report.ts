// SPDX-License-Identifier: GPL-2.0-or-later
import type { HostFingerprint } from '#contract/host.js';
import type { Job } from '#contract/job.js';
import { measuresWith } from '#contract/metric.js';
import { findingMetrics } from '#contract/findings.js';
import { compareJob } from '#domain/comparison.js';
import { measuredCells, measuresOf } from '#domain/measures.js';
import { metricNamed } from '#domain/metric-values.js';
import type { JobReport } from '#formats/report.js';
import { listHosts } from '#store/hosts.js';
import { listFigures } from '#store/samples.js';
import { advisoryReasonsFor } from '../advisory.js';
import type { TaskContext } from './task-context.js';

/**
 * Collects the results that are written in the formats of other tools.
 * @throws {MIXED_HOSTS} The samples come from several hosts.
 */
export async function reportOf({ store, workloads }: TaskContext, job: Job): Promise<JobReport> {
  const names = measuresWith(workloads).map(({ name }) => name);
  const samples = await listFigures(store, job, names);
  const counted = await listFigures(store, job, names, 'instructions');
  const comparison = compareJob(job.id, job.plan, samples);
  const others = findingMetrics(job.plan.thresholds)
    .slice(1)
    .map((name) =>
      compareJob(job.id, job.plan, samples, { metric: metricNamed(name, workloads), counted }),
    );
  const cells = measuredCells(job.plan, samples, { counted, workloads });
  const [host = null] = await listHosts(store, comparison.hostFingerprints);
  return {
    job,
    host: (host?.fingerprint ?? null) as HostFingerprint | null,
    cells,
    measures: measuresOf(cells, comparison),
    comparison,
    comparisons: [comparison, ...others],
    advisoryReasons: await advisoryReasonsFor(store, comparison.hostFingerprints),
  };
}
