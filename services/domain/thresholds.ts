// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';

/** Returns the threshold of one comparison: the last override that matches, else the job's. */
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
