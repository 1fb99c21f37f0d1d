import { z } from 'zod';
import { Direction } from './comparison.js';

/** A metric of one variant of the head side with one workload, over the measured blocks of a job's first batch or, of instructions that only instruction samples have, over those. */
export const Measure = z.object({
  variant: z.string(),
  workload: z.string(),
  metric: z
    .string()
    .describe('one of MEASURES in services/contract/metric.ts, or declared by the workload'),
  unit: z.string(),
  direction: Direction,
  value: z.number().describe('median over the runs that have one'),
  low: z.number().nullable().describe('lower end of the interval; null where there is none'),
  high: z.number().nullable(),
  confidence: z.number().nullable().describe('the level that the interval really has'),
  blocks: z
    .number()
    .int()
    .describe('how many values the figure is of: a block or a repetition has one'),
});
export type Measure = z.infer<typeof Measure>;
