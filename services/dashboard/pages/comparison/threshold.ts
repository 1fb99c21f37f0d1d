import type { JobPlan } from '../../../contract/job.js';

/** The practical threshold of one comparison, as the service takes it: of the overrides that fit the last, else the job's. */
export function thresholdOf(
  plan: Pick<JobPlan, 'threshold' | 'thresholds' | 'workloads'>,
  workload: string,
  metric: string,
): number {
  const name = plan.workloads.find(({ label }) => label === workload)?.name;
  const fitting = plan.thresholds.filter(
    (override) =>
      (override.workload === undefined ||
        override.workload === workload ||
        override.workload === name) &&
      (override.metric ?? metric) === metric,
  );
  return fitting.at(-1)?.threshold ?? plan.threshold;
}
