// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { ExplanationList, FullExplanation } from '#contract/explanation.js';
import type { Job } from '#contract/job.js';
import { metricsOf, type MetricDefinition } from '#contract/metric.js';
import { compareJob } from '#domain/comparison.js';
import { definitionsOf } from '#domain/definitions.js';
import { briefly, explainJob } from '#domain/profile/explain.js';
import { metricNamed, metricValue, samplesWith } from '#domain/metric-values.js';
import { listBuilds } from '#store/builds.js';
import { listProfiled } from '#store/profiles.js';
import { listFigures } from '#store/samples.js';
import type { Store } from '#store/store.js';
import type { TaskContext } from './task-context.js';

/** The fields of a job that its results depend on. */
export type MeasuredJob = Pick<Job, 'id' | 'plan'>;

export interface ComparisonQuery {
  readonly metric: string;
  readonly mixedHosts: boolean;
}

/**
 * Compares the samples of a job by a metric.
 * @throws {UNKNOWN_METRIC} The job's workloads do not have the metric.
 * @throws {MIXED_HOSTS} The samples come from several hosts and `mixedHosts` is false.
 */
export async function compareMeasured(
  { store, workloads }: TaskContext,
  job: MeasuredJob,
  asked: ComparisonQuery,
): Promise<JobComparison> {
  const metric = metricNamed(asked.metric, definitionsOf(job.plan, workloads));
  const counted = await listFigures(store, job, [metric.name], 'instructions');
  return compareJob(job.id, job.plan, await listFigures(store, job, [metric.name]), {
    metric,
    counted,
    builds: await listBuilds(store, job.id),
    explanations: (await explanationsOf(store, job)).map(briefly),
    mixedHosts: asked.mixedHosts,
  });
}

/** Explains the differences of a job's costs by its profiles, with all changes. */
export async function explained(
  { store }: TaskContext,
  job: MeasuredJob,
): Promise<ExplanationList> {
  return { explanations: await explanationsOf(store, job) };
}

/** Explains workload by workload: the profiles of all have hundreds of megabytes in a large job. */
async function explanationsOf(store: Store, { id, plan }: MeasuredJob): Promise<FullExplanation[]> {
  const explanations: FullExplanation[] = [];
  for (const workload of plan.workloads)
    explanations.push(
      ...explainJob(
        { ...plan, workloads: [workload] },
        await listProfiled(store, id, workload.label),
      ),
    );
  return explanations;
}

/** Returns the registered metrics for which a job's samples have values. */
export async function measuredMetrics(
  { store, workloads }: TaskContext,
  job: MeasuredJob,
): Promise<MetricDefinition[]> {
  const metrics = metricsOf(definitionsOf(job.plan, workloads));
  const names = metrics.map(({ name }) => name);
  const timed = await listFigures(store, job, names);
  const counted = await listFigures(store, job, names, 'instructions');
  return metrics.filter(({ name }) =>
    samplesWith(name, timed, counted).some((run) => metricValue(name)(run) !== null),
  );
}
