import type { JobPlan } from '../contract/job.js';

/** The practical threshold of one comparison: of the overrides that fit it the last, else the job's. */
export function thresholdOf(plan: JobPlan, workloadLabel: string, metric: string): number {
  const name = plan.workloads.find(({ label }) => label === workloadLabel)?.name;
  const fitting = plan.thresholds.filter(
    (override) =>
      (override.workload === undefined ||
        override.workload === workloadLabel ||
        override.workload === name) &&
      (override.metric ?? metric) === metric,
  );
  return fitting.at(-1)?.threshold ?? plan.threshold;
}
