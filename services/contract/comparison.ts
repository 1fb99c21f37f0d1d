// SPDX-License-Identifier: GPL-2.0-or-later
import { z } from 'zod';
import { Explanation } from './explanation.js';
import { BigNumber } from './sample.js';
import { Side } from './side.js';

/** A ratio with its interval; 1.02 means 2 % more than the baseline. */
export const RatioInterval = z.object({
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z
    .number()
    .describe('actual level of the interval, for example 0.96875 with six blocks'),
  method: z.enum(['signed-rank', 'bca-bootstrap', 'walsh-averages', 'sign-sequence']),
  blocks: z.number().int(),
});
export type RatioInterval = z.infer<typeof RatioInterval>;

/**
 * Result of a comparison at a practical threshold.
 *
 * @see docs/statistics.md
 */
export const Verdict = z.enum([
  'regression',
  'improvement',
  'no-change',
  'inconclusive',
  'same-binary',
]);
export type Verdict = z.infer<typeof Verdict>;

/** Direction in which a metric improves: smaller for times and sizes. */
export const Direction = z.enum(['smaller-is-better', 'larger-is-better']);
export type Direction = z.infer<typeof Direction>;

/** A figure with its interval, and whether the interval supports it. */
export const Figure = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z.number(),
  shown: z
    .enum(['value', 'bound', 'nothing'])
    .describe(
      'value: the interval supports it; bound: only its upper end is meaningful; nothing: noise, do not show',
    ),
});
export type Figure = z.infer<typeof Figure>;

/**
 * Cost of a variant over the baseline, by wall time: once per run, and per event. Negative values
 * are a gain, or noise.
 */
export const EventCost = z.object({
  startNs: Figure.nullable().describe('once per run, in ns; null without runs of the empty size'),
  perEventNs: Figure.nullable().describe('per event, in ns, without the start'),
  averageNs: Figure.nullable().describe(
    'wall time per event, including the start; only if startNs is null',
  ),
  bendNs: Figure.nullable().describe(
    'wall time at the middle size minus the straight line between empty and full; ' +
      'the cost is linear if the interval contains 0',
  ),
});
export type EventCost = z.infer<typeof EventCost>;

/**
 * Shows which of wall time and processor time differs from the reference. A difference in wall time
 * alone is time spent waiting.
 */
export const Moved = z.enum(['both', 'wall', 'processor', 'neither']);
export type Moved = z.infer<typeof Moved>;

/** One cell of the overhead matrix; each side has a matrix. */
export const ComparisonRow = z.object({
  variant: z.string(),
  side: Side,
  workload: z.string(),
  blocks: z.number().int(),
  medianWallNs: z.number(),
  median: z
    .number()
    .nullable()
    .describe('median of the metric, in its unit; null if the variant has no value'),
  ratio: RatioInterval.nullable().describe(
    "metric divided by the baseline's in the same block; " +
      'null for the baseline itself, and if values are missing or not positive',
  ),
  pValue: z
    .number()
    .nullable()
    .describe(
      'two-sided, not adjusted; tests that the ratio is 1 or, in a job that measures until decided, ' +
        'that it is within the threshold; null for the baseline itself',
    ),
  adjustedP: z
    .number()
    .nullable()
    .describe(
      'pValue adjusted (Benjamini and Hochberg) for all comparisons of the batch: rows, sides and changes',
    ),
  minimumDetectableRatio: z
    .number()
    .nullable()
    .describe(
      'minimum detectable ratio above 1, with 80 % power if nothing else differs; ' +
        'null with too few blocks (fewestBlocks)',
    ),
  verdict: Verdict.nullable().describe(
    "from this job's blocks alone, at the threshold; " +
      "about the variant's cost, not about a change, so it does not confirm a regression",
  ),
  threshold: z.number(),
  events: BigNumber.nullable().describe('events counted in one run; the median if runs differ'),
  cost: EventCost.nullable().describe(
    'null for the baseline, and without event counts and runs of the empty size',
  ),
  processor: RatioInterval.nullable().describe(
    'the same ratio of processor time; null for metrics other than wall time',
  ),
  moved: Moved.nullable(),
  oneBuild: z
    .boolean()
    .describe('one of the two has a single link, so the ratio holds for these two binaries only'),
  recordsStored: BigNumber.nullable().describe('sum over the measured samples'),
  recordsDropped: BigNumber.nullable(),
});
export type ComparisonRow = z.infer<typeof ComparisonRow>;

/** Result of one batch of blocks for head against base. */
const Evidence = z.object({
  blocks: z.number().int(),
  ratio: RatioInterval.describe('head over base'),
  pValue: z
    .number()
    .describe(
      'two-sided, not adjusted; tests that the ratio is 1 or, in a job that measures until decided, ' +
        'that it is within the threshold',
    ),
  adjustedP: z
    .number()
    .describe('adjusted (Benjamini and Hochberg) for all comparisons of the batch'),
  minimumDetectableRatio: z
    .number()
    .nullable()
    .describe(
      'minimum detectable ratio above 1, with 80 % power if nothing else differs; ' +
        'null with too few blocks (fewestBlocks)',
    ),
});

/**
 * One comparison of head with base. Its figures come from the first batch. A second batch confirms
 * or rejects a regression and is never pooled with the first.
 */
const HeadAgainstBase = Evidence.extend({
  variant: z.string(),
  workload: z.string(),
  threshold: z.number(),
  verdict: Verdict.nullable().describe(
    'null while measuring can still decide it; ' +
      'with a fixed number of blocks, regression only if a second batch confirmed it',
  ),
  suspected: z
    .boolean()
    .describe('the first batch found a regression that a second one has not confirmed'),
  processor: RatioInterval.nullable().describe(
    'the same ratio of processor time; null for metrics other than wall time',
  ),
  moved: Moved.nullable(),
  oneBuild: z
    .boolean()
    .describe('a side has a single link, so the verdict holds for these two binaries only'),
  confirmation: Evidence.extend({ verdict: Verdict })
    .nullable()
    .describe('the second batch; null without one, or until it is complete'),
});

/** A variant of head against the same variant of base. */
export const SideRow = HeadAgainstBase.extend({
  headMedian: z.number().describe('in the unit of the metric'),
  baseMedian: z.number(),
});
export type SideRow = z.infer<typeof SideRow>;

/**
 * Change of a variant's overhead: head's ratio to its own baseline divided by base's ratio to its
 * own.
 */
export const ChangeRow = HeadAgainstBase;
export type ChangeRow = z.infer<typeof ChangeRow>;

/** Comparison of a job's samples by one metric. */
export const JobComparison = z.object({
  jobId: z.string(),
  metric: z.string().describe('a name of the registry (services/contract/metric.ts)'),
  unit: z.string(),
  direction: Direction,
  baseline: z.string().describe('variant that overheads are relative to, on each side'),
  rows: z.array(ComparisonRow).describe('overhead matrix of the first batch'),
  sides: z.array(SideRow).describe('head against base; empty without a base'),
  changes: z
    .array(ChangeRow)
    .describe('change of overhead; empty without a base or without overheads'),
  same: z.boolean().describe('an A/A job: head is base'),
  sizes: z
    .array(z.object({ workload: z.string(), parameter: z.string(), value: z.number().int() }))
    .default([])
    .describe('size of the measured runs, chosen on the host unless the request has it'),
  progress: z
    .object({
      blocks: z.number().int().describe('measured blocks'),
      spentSeconds: z.number(),
      withinSeconds: z.number().int().nullable().describe('null: a fixed number of blocks'),
      undecided: z.number().int().describe('comparisons still being measured'),
      remainingSeconds: z
        .number()
        .nullable()
        .describe('expected time until all are decided; null until the noise is known'),
    })
    .describe('progress of measuring'),
  comparisons: z
    .number()
    .int()
    .describe(
      'number of comparisons by this metric; p values and detectable effects are adjusted for it',
    ),
  fewestBlocks: z
    .number()
    .int()
    .describe(
      'fewest blocks with which a single difference among these comparisons can be significant',
    ),
  explanations: z
    .array(Explanation)
    .default([])
    .describe('why costs differ; empty without profiles'),
  hostFingerprints: z.array(z.string()),
  mixedHosts: z.boolean().describe('samples of different fingerprints are compared, as requested'),
});
export type JobComparison = z.infer<typeof JobComparison>;

/** A comparison with the additional information of the service. */
export const Comparison = JobComparison.extend({
  advisory: z
    .boolean()
    .describe('verdicts must not block anything: the host raises too many false alarms'),
  advisoryReasons: z.array(z.string()),
  reproduce: z
    .string()
    .describe('command that rebuilds and remeasures the job, on this or another machine'),
  link: z.string().describe("short address of the comparison's page"),
});
export type Comparison = z.infer<typeof Comparison>;

export const ComparisonQuery = z.strictObject({
  metric: z
    .string()
    .max(256)
    .default('wallNs')
    .describe(
      'wallNs, userNs, systemNs, maxRssBytes, hostInstructions, guestInstructions, or a ' +
        'metric that a workload declares',
    ),
  mixedHosts: z
    .stringbool()
    .default(false)
    .describe('compare samples of different host fingerprints too'),
});
export type ComparisonQuery = z.infer<typeof ComparisonQuery>;
