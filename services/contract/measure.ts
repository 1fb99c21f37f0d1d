// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Direction } from './comparison.js';

/**
 * A metric of one head variant with one workload, over the measured blocks of a job's first batch.
 * Instructions that only instruction samples count are taken over those samples.
 */
export const Measure = z.object({
  variant: z.string(),
  workload: z.string(),
  metric: z
    .string()
    .describe('one of MEASURES in services/contract/metric.ts, or declared by the workload'),
  unit: z.string(),
  direction: Direction,
  value: z.number().describe('median over the runs with a value'),
  low: z.number().nullable().describe('lower end of the interval; null without an interval'),
  high: z.number().nullable(),
  confidence: z.number().nullable().describe('actual level of the interval'),
  blocks: z.number().int().describe('number of values: one per block or repetition'),
});
export type Measure = z.infer<typeof Measure>;
