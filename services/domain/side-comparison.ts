import type { ChangeRow, SideRow, Verdict } from '../contract/comparison.js';
import type { JobPlan } from '../contract/job.js';
import type { MetricDefinition } from '../contract/metric.js';
import type { Side } from '../contract/side.js';
import { confirm } from '../statistics/confirmation.js';
import { logRatios } from '../statistics/log-ratios.js';
import { median } from '../statistics/median.js';
import { overheadChange } from '../statistics/overhead-change.js';
import { estimateRatio, type RatioEstimate } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import { pairedValues } from './metric-values.js';
import { thresholdOf } from './thresholds.js';

/** One comparison of head with base in the blocks of one batch, not yet judged. */
export interface SideEstimate {
  readonly variant: string;
  readonly workload: string;
  /** Null where values are missing or have no ratio. */
  readonly estimate: RatioEstimate | null;
  /** Medians of both sides; null for a change of overhead. */
  readonly medians: { readonly headMedian: number | null; readonly baseMedian: number | null } | null;
}

/** What a batch says of one comparison; nothing without an estimate. */
export interface JudgedEstimate extends SideEstimate {
  readonly adjustedP: number | null;
  readonly threshold: number;
  readonly verdict: Verdict | null;
}

/** The values of a metric in the blocks of a batch, by block. */
export type ValuesOf = (side: Side, variant: string, workload: string) => ReadonlyMap<number, number>;

/** Head against base for every variant and workload, then the change of every overhead, workload by workload. */
export function estimateSides(plan: JobPlan, baseline: string, valuesOf: ValuesOf): SideEstimate[] {
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  if (names.length === plan.variants.length) return [];
  return plan.workloads.flatMap(({ label: workload }) => {
    const sides = names.map((variant) => estimateSide(valuesOf, variant, workload));
    const changes = names.filter((variant) => variant !== baseline).map((variant) => estimateChange(valuesOf, variant, baseline, workload));
    return [...sides, ...changes];
  });
}

function estimateSide(valuesOf: ValuesOf, variant: string, workload: string): SideEstimate {
  const [head, base] = [valuesOf('head', variant, workload), valuesOf('base', variant, workload)];
  const paired = pairedValues(head, base);
  const estimate = paired === null ? null : estimateRatio(logRatios(paired[0]!, paired[1]!));
  return { variant, workload, estimate, medians: { headMedian: medianOf(head), baseMedian: medianOf(base) } };
}

function estimateChange(valuesOf: ValuesOf, variant: string, baseline: string, workload: string): SideEstimate {
  const four = pairedValues(...(['head', 'base'] as const).flatMap((side) => [valuesOf(side, variant, workload), valuesOf(side, baseline, workload)]));
  const estimate = four === null ? null : overheadChange({ variantHead: four[0]!, noneHead: four[1]!, variantBase: four[2]!, noneBase: four[3]! });
  return { variant, workload, estimate, medians: null };
}

function medianOf(values: ReadonlyMap<number, number>): number | null {
  return values.size === 0 ? null : median([...values.values()]);
}

/** The verdict of a batch by itself. */
export function judgeEstimate(plan: JobPlan, { name, direction }: MetricDefinition, side: SideEstimate, adjustedP: number | null): JudgedEstimate {
  const threshold = thresholdOf(plan, side.workload, name);
  const verdict = side.estimate === null || adjustedP === null ? null : verdictOf(side.estimate.interval, adjustedP, { threshold, direction });
  return { ...side, adjustedP, threshold, verdict };
}

/**
 * One row of the answer: the figures of the first batch, the verdict of both.
 *
 * @param complete whether the first batch is; before, nothing is judged (looking until it is red finds red)
 * @param second the same comparison in the second batch, as soon as that is complete
 */
export function sideRow(first: JudgedEstimate, complete: boolean, second: JudgedEstimate | null): ChangeRow | SideRow {
  const { verdict, suspected } = first.verdict === null ? { verdict: null, suspected: false } : confirm(first.verdict, second?.verdict ?? null);
  return {
    variant: first.variant,
    workload: first.workload,
    ...evidence(first),
    threshold: first.threshold,
    verdict: complete ? verdict : null,
    suspected: complete && suspected,
    confirmation: second === null || second.verdict === null ? null : { ...evidence(second), verdict: second.verdict },
    ...first.medians,
  };
}

function evidence({ estimate, adjustedP }: JudgedEstimate) {
  return {
    blocks: estimate?.interval.blocks ?? 0,
    ratio: estimate?.interval ?? null,
    pValue: estimate?.pValue ?? null,
    adjustedP,
    detectableRatio: estimate?.detectableRatio ?? null,
  };
}
