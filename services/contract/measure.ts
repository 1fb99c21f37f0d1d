import { z } from 'zod';
import { Direction } from './comparison.js';

/** The measures that every job has: wall, user and system time, memory, and wall time over the baseline's. All should be small. */
export const MEASURES = {
  wallNs: { unit: 'ns' },
  wallRatio: { unit: '1' },
  userNs: { unit: 'ns' },
  systemNs: { unit: 'ns' },
  maxRssBytes: { unit: 'bytes' },
} as const;
export type MeasureName = keyof typeof MEASURES;

/** One measure of one variant with one workload over the measured blocks of a job. */
export const Measure = z.object({
  variant: z.string(),
  workload: z.string(),
  metric: z.string(),
  unit: z.string(),
  direction: Direction,
  value: z.number().describe('median over the blocks'),
  low: z.number().nullable().describe('lower end of the interval; null where there is none'),
  high: z.number().nullable(),
  confidence: z.number().nullable().describe('the level that the interval really has'),
  blocks: z.number().int(),
});
export type Measure = z.infer<typeof Measure>;
