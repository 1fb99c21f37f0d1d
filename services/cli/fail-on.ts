// SPDX-License-Identifier: GPL-2.0-or-later
import type { Comparison } from '#contract/comparison.js';
import type { Job } from '#contract/job.js';
import { findingsOf, findingMetrics, stops, type FailOn } from '#contract/findings.js';
import type { Client } from './client.js';

/**
 * Returns whether the verdict of a job, over all metrics with a threshold, is one that `failOn`
 * fails on. Advisory verdicts never are.
 */
export async function failsOn(client: Client, { id, plan }: Job, failOn: FailOn): Promise<boolean> {
  if (failOn === 'never') return false;
  const comparisons = await Promise.all(
    findingMetrics(plan.thresholds).map((metric) =>
      client.get<Comparison>(`/v1/jobs/${id}/comparison?metric=${encodeURIComponent(metric)}`),
    ),
  );
  return stops(findingsOf(comparisons).verdict, {
    failOn,
    advisory: comparisons.some(({ advisory }) => advisory),
  });
}
