import { z } from 'zod';
import { BigNumber } from './sample.js';
import { Side } from './side.js';

/** A ratio with its interval; 1.02 means 2 % more than the baseline. */
export const RatioInterval = z.object({
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
  confidence: z
    .number()
    .describe('the level that the interval really has, for example 0.96875 with six blocks'),
  method: z.enum(['signed-rank', 'bca-bootstrap', 'sign-sequence']),
  blocks: z.number().int(),
});
export type RatioInterval = z.infer<typeof RatioInterval>;

/** What a comparison says, given a practical threshold; docs/statistics.md has the rules. */
export const Verdict = z.enum([
  'regression',
  'improvement',
  'no-change',
  'inconclusive',
  'same-binary',
]);
export type Verdict = z.infer<typeof Verdict>;

/** Which way a metric is good. Times and sizes: smaller. */
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
      'value: the interval supports it; bound: only the upper end says something; nothing: noise, not to be shown',
    ),
});
export type Figure = z.infer<typeof Figure>;

/** What a variant costs beyond the baseline, by wall time: once per run, and for each event. Below 0 it is a gain, or noise. */
export const EventCost = z.object({
  startNs: Figure.nullable().describe(
    'once per run, in ns; null where no run of an empty size shows it',
  ),
  perEventNs: Figure.nullable().describe('for each event, without the start'),
  averageNs: Figure.nullable().describe(
    'wall time per event, start included; only where startNs is null',
  ),
  bendNs: Figure.nullable().describe(
    'wall time at the middle size minus the straight line between empty and full: cost is linear where the interval holds 0',
  ),
});
export type EventCost = z.infer<typeof EventCost>;

/** Which of wall time and processor time differs from the reference: time that only wall time sees is spent waiting. */
export const Moved = z.enum(['both', 'wall', 'processor', 'neither']);
export type Moved = z.infer<typeof Moved>;

/** One cell of the overhead matrix, which each side has. */
export const ComparisonRow = z.object({
  variant: z.string(),
  side: Side,
  workload: z.string(),
  blocks: z.number().int(),
  medianWallNs: z.number(),
  median: z
    .number()
    .nullable()
    .describe('of the metric, in its unit; null where the variant has no value'),
  ratio: RatioInterval.nullable().describe(
    "the metric over the baseline's in the same block; null for the baseline itself, and where values are missing or not positive",
  ),
  pValue: z
    .number()
    .nullable()
    .describe(
      'two-sided, not adjusted: that the ratio is 1 or, where measuring goes on until decided, that it is within the threshold; null for the baseline itself',
    ),
  adjustedP: z
    .number()
    .nullable()
    .describe(
      'pValue adjusted (Benjamini and Hochberg) for all comparisons of the batch: rows, sides and changes',
    ),
  detectableRatio: z
    .number()
    .nullable()
    .describe(
      'smallest ratio above 1 that these blocks find with 80 % power where nothing else differs; null where blocks are too few for that (fewestBlocks)',
    ),
  verdict: Verdict.nullable().describe(
    "of this job's blocks alone, at the threshold: what the variant costs, not what changed; a regression is not confirmed by it",
  ),
  threshold: z.number(),
  events: BigNumber.nullable().describe('events counted in one run; the median where runs differ'),
  cost: EventCost.nullable().describe(
    'null for the baseline, and where neither events nor an empty size show it',
  ),
  processor: RatioInterval.nullable().describe(
    'the same ratio of processor time; null for other metrics than wall time',
  ),
  moved: Moved.nullable(),
  oneBuild: z
    .boolean()
    .describe('one of the two has a single link: the ratio is of these two binaries alone'),
  recordsStored: BigNumber.nullable().describe('sum over the measured samples'),
  recordsDropped: BigNumber.nullable(),
});
export type ComparisonRow = z.infer<typeof ComparisonRow>;

/** What one batch of blocks says about head against base. */
const Evidence = z.object({
  blocks: z.number().int(),
  ratio: RatioInterval.describe('head over base'),
  pValue: z
    .number()
    .describe(
      'two-sided, not adjusted: that the ratio is 1 or, where measuring goes on until decided, that it is within the threshold',
    ),
  adjustedP: z
    .number()
    .describe('adjusted (Benjamini and Hochberg) for all comparisons of the batch'),
  detectableRatio: z
    .number()
    .nullable()
    .describe(
      'smallest ratio above 1 that these blocks find with 80 % power where nothing else differs; null where blocks are too few for that (fewestBlocks)',
    ),
});

/** One comparison of head with base. Its figures are the first batch's; a second one confirms or does not, and is never pooled with it. */
const HeadAgainstBase = Evidence.extend({
  variant: z.string(),
  workload: z.string(),
  threshold: z.number(),
  verdict: Verdict.nullable().describe(
    'null as long as measuring can still decide it; of a fixed number of blocks, regression only where a second batch confirmed it',
  ),
  suspected: z
    .boolean()
    .describe('the first batch said regression, and no second one has confirmed it'),
  processor: RatioInterval.nullable().describe(
    'the same ratio of processor time; null for other metrics than wall time',
  ),
  moved: Moved.nullable(),
  oneBuild: z
    .boolean()
    .describe('a side has a single link: the verdict is of these two binaries alone'),
  confirmation: Evidence.extend({ verdict: Verdict })
    .nullable()
    .describe('the second batch; null without one, or as long as it is not complete'),
});

/** A variant of head against the same variant of base. */
export const SideRow = HeadAgainstBase.extend({
  headMedian: z.number().describe('in the unit of the metric'),
  baseMedian: z.number(),
});
export type SideRow = z.infer<typeof SideRow>;

/** Whether a variant's overhead changed: head's ratio to its own baseline over that of base. */
export const ChangeRow = HeadAgainstBase;
export type ChangeRow = z.infer<typeof ChangeRow>;

/** What the samples of a job say. */
export const JobComparison = z.object({
  jobId: z.string(),
  metric: z.string().describe('a name of the registry (services/contract/metric.ts)'),
  unit: z.string(),
  direction: Direction,
  baseline: z.string().describe('variant that the overheads are over, on each side'),
  rows: z.array(ComparisonRow).describe('the overhead matrix, of the first batch'),
  sides: z.array(SideRow).describe('head against base; empty without a base'),
  changes: z
    .array(ChangeRow)
    .describe('change of overhead; empty without a base or without overheads'),
  same: z.boolean().describe('an A/A job: head is base'),
  progress: z
    .object({
      blocks: z.number().int().describe('measured blocks'),
      spentSeconds: z.number(),
      withinSeconds: z.number().int().nullable().describe('null: a fixed number of blocks'),
      undecided: z.number().int().describe('comparisons that are still measured'),
      remainingSeconds: z
        .number()
        .nullable()
        .describe('expected until all are decided; null where the noise is not known yet'),
    })
    .describe('of measuring'),
  comparisons: z
    .number()
    .int()
    .describe(
      'made together by this metric: what p values and detectable effects are adjusted for',
    ),
  fewestBlocks: z
    .number()
    .int()
    .describe(
      'with fewer blocks, no single difference among so many comparisons can be called one',
    ),
  hostFingerprints: z.array(z.string()),
  mixedHosts: z
    .boolean()
    .describe('samples of different fingerprints are compared, because somebody asked for it'),
});
export type JobComparison = z.infer<typeof JobComparison>;

/** The same, with what the service knows besides. */
export const Comparison = JobComparison.extend({
  advisory: z
    .boolean()
    .describe('verdicts must not block anything: the host raises too many false alarms'),
  advisoryReasons: z.array(z.string()),
  reproduce: z
    .string()
    .describe('command that builds and measures it again, on this or another machine'),
  link: z.string().describe("short address of the comparison's page"),
});
export type Comparison = z.infer<typeof Comparison>;

export const ComparisonQuery = z.strictObject({
  metric: z
    .string()
    .max(256)
    .default('wallNs')
    .describe(
      'wallNs, userNs, systemNs, maxRssBytes, hostInstructions, guestInstructions, or a metric that a workload declares',
    ),
  mixedHosts: z
    .stringbool()
    .default(false)
    .describe('compare samples of different host fingerprints too'),
});
export type ComparisonQuery = z.infer<typeof ComparisonQuery>;
