// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Side } from './side.js';

/**
 * Metrics that guests, instrumentations and plugins print, per workload and variant. Only timed
 * runs of the full size count, without the warm-up block. Beyond 10,000 values, the last metrics by
 * name are left out.
 */
export const ReportedList = z.object({
  reported: z.array(
    z.object({
      workload: z.string(),
      name: z.string(),
      unit: z.string(),
      values: z.array(
        z.object({
          side: Side,
          variant: z.string(),
          median: z.number(),
          low: z.number().describe('smallest value'),
          high: z.number().describe('largest value'),
          runs: z.number().int().describe('number of runs that printed the metric'),
        }),
      ),
    }),
  ),
});
export type ReportedList = z.infer<typeof ReportedList>;
export type Reported = ReportedList['reported'][number];
