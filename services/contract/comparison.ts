import { z } from 'zod';
import { BigNumber } from './sample.js';

/** A ratio with its interval; 1.02 means 2 % more than the baseline. */
export const RatioInterval = z.object({
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number().describe('the level that the interval really has, for example 0.96875 with six blocks'),
  method: z.enum(['signed-rank', 'bca-bootstrap']),
  blocks: z.number().int(),
});
export type RatioInterval = z.infer<typeof RatioInterval>;

/** What a comparison says, given a practical threshold; docs/statistics.md has the rules. */
export const Verdict = z.enum(['regression', 'improvement', 'no-change', 'inconclusive']);
export type Verdict = z.infer<typeof Verdict>;

/** Which way a metric is good. Times and sizes: smaller. */
export const Direction = z.enum(['smaller-is-better', 'larger-is-better']);
export type Direction = z.infer<typeof Direction>;

/** One cell of the overhead matrix. */
export const ComparisonRow = z.object({
  variant: z.string(),
  workload: z.string(),
  blocks: z.number().int(),
  medianWallNs: z.number(),
  median: z.number().nullable().describe('of the metric, in its unit; null where the variant has no value'),
  ratio: RatioInterval.nullable().describe('the metric over the baseline\'s in the same block; null for the baseline itself, and where values are missing or not positive'),
  pValue: z.number().nullable().describe('two-sided, that the ratio is 1, not adjusted; null for the baseline itself'),
  adjustedP: z.number().nullable().describe('pValue adjusted (Benjamini and Hochberg) for all rows of the comparison'),
  detectableRatio: z.number().nullable().describe('smallest ratio above 1 that these blocks find with 80 % power; null with one block'),
  verdict: Verdict.nullable().describe('of this job\'s blocks alone, at a threshold of 2 %; a regression is not confirmed by it'),
  events: BigNumber.nullable().describe('events counted in one run; the median where runs differ'),
  nsPerEvent: z.number().nullable().describe('median over blocks of (wall - baseline wall) / events'),
  recordsStored: BigNumber.nullable().describe('sum over the measured samples'),
  recordsDropped: BigNumber.nullable(),
});
export type ComparisonRow = z.infer<typeof ComparisonRow>;

export const Comparison = z.object({
  jobId: z.string(),
  metric: z.string().describe('a name of the registry (services/contract/metric.ts)'),
  unit: z.string(),
  direction: Direction,
  baseline: z.string().describe('variant that the ratios are over'),
  rows: z.array(ComparisonRow),
  hostFingerprints: z.array(z.string()),
  mixedHosts: z.boolean().describe('samples of different fingerprints are compared, because somebody asked for it'),
});
export type Comparison = z.infer<typeof Comparison>;

export const ComparisonQuery = z.strictObject({
  metric: z.string().max(256).default('wallNs').describe('wallNs, userNs, systemNs, maxRssBytes, hostInstructions, guestInstructions, or a metric that a workload declares'),
  mixedHosts: z.stringbool().default(false).describe('compare samples of different host fingerprints too'),
});
export type ComparisonQuery = z.infer<typeof ComparisonQuery>;
