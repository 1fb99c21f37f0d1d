// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { storable } from './project.js';

/** Practical threshold: with 0.02, a difference of up to 2 % counts as no change. */
export const Threshold = z
  .number('a number: 5 % is written 0.05')
  .min(0.0001, 'at least 0.0001, which is 0.01 %')
  .max(10, 'at most 10');
export const THRESHOLD_DEFAULT = 0.02;
/** Largest threshold of a new job: a larger number is more likely meant as percent. */
export const THRESHOLD_MAXIMUM = 1;

/**
 * Another threshold for one workload, one metric, or one of both. The last matching entry counts.
 */
export const ThresholdOverride = z.strictObject({
  workload: storable(z.string().max(1000))
    .optional()
    .describe('name of a workload of the job, or its label'),
  metric: storable(z.string().max(256))
    .optional()
    .describe('a name of the registry (services/contract/metric.ts)'),
  threshold: Threshold,
});
export type ThresholdOverride = z.infer<typeof ThresholdOverride>;
