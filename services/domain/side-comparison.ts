import type { ChangeRow, SideRow, Verdict } from '../contract/comparison.js';
import type { JobPlan } from '../contract/job.js';
import type { Sample } from '../contract/sample.js';
import type { ComparedMetric } from '../contract/threshold.js';
import { confirm } from '../statistics/confirmation.js';
import { logRatios } from '../statistics/log-ratios.js';
import { median } from '../statistics/median.js';
import { overheadChange } from '../statistics/overhead-change.js';
import { estimateRatio, type RatioEstimate } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import type { CompleteBlock } from './complete-blocks.js';
import { thresholdOf } from './thresholds.js';

/** One comparison of head with base in the blocks of one batch, not yet judged. */
export interface SideEstimate {
  readonly variant: string;
  readonly workload: string;
  readonly estimate: RatioEstimate;
  /** Medians of both sides; null for a change of overhead. */
  readonly medians: { readonly headMedian: number; readonly baseMedian: number } | null;
}

/** What a batch says of one comparison. */
export interface JudgedEstimate extends SideEstimate {
  readonly adjustedP: number;
  readonly threshold: number;
  readonly verdict: Verdict;
}

/**
 * Head against base for every variant and workload, then the change of every overhead, workload by workload.
 *
 * @param blocks complete blocks of one batch, at least one
 * @param valueOf the metric of a sample
 */
export function estimateSides(plan: JobPlan, baseline: string, blocks: readonly CompleteBlock[], valueOf: (sample: Sample) => number): SideEstimate[] {
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  if (names.length === plan.variants.length) return [];
  return plan.workloads.flatMap(({ label: workload }) => {
    const values = (side: 'head' | 'base', name: string) => blocks.map((block) => valueOf(block.run(side, name, workload)));
    const sides = names.map((variant) => {
      const [head, base] = [values('head', variant), values('base', variant)];
      return { variant, workload, estimate: estimateRatio(logRatios(head, base)), medians: { headMedian: median(head), baseMedian: median(base) } };
    });
    const changes = names.filter((variant) => variant !== baseline).map((variant) => {
      const four = { variantHead: values('head', variant), noneHead: values('head', baseline), variantBase: values('base', variant), noneBase: values('base', baseline) };
      return { variant, workload, estimate: overheadChange(four), medians: null };
    });
    return [...sides, ...changes];
  });
}

/** The verdict of a batch by itself. */
export function judgeEstimate(plan: JobPlan, metric: ComparedMetric, estimate: SideEstimate, adjustedP: number): JudgedEstimate {
  const threshold = thresholdOf(plan, estimate.workload, metric);
  const verdict = verdictOf(estimate.estimate.interval, adjustedP, { threshold, direction: 'smaller-is-better' });
  return { ...estimate, adjustedP, threshold, verdict };
}

/**
 * One row of the answer: the figures of the first batch, the verdict of both.
 *
 * @param complete whether the first batch is; before, nothing is judged (looking until it is red finds red)
 * @param second the same comparison in the second batch, as soon as that is complete
 */
export function sideRow(first: JudgedEstimate, complete: boolean, second: JudgedEstimate | null): ChangeRow | SideRow {
  const { verdict, suspected } = confirm(first.verdict, second?.verdict ?? null);
  return {
    variant: first.variant,
    workload: first.workload,
    ...evidence(first),
    threshold: first.threshold,
    verdict: complete ? verdict : null,
    suspected: complete && suspected,
    confirmation: second === null ? null : { ...evidence(second), verdict: second.verdict },
    ...first.medians,
  };
}

function evidence({ estimate, adjustedP }: JudgedEstimate) {
  const { interval, pValue, detectableRatio } = estimate;
  return { blocks: interval.blocks, ratio: interval, pValue, adjustedP, detectableRatio };
}
