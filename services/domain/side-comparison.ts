import type { ChangeRow, SideRow, Verdict } from '../contract/comparison.js';
import type { JobPlan } from '../contract/job.js';
import type { MetricDefinition } from '../contract/metric.js';
import type { Side } from '../contract/side.js';
import { confirm } from '../statistics/confirmation.js';
import { median } from '../statistics/median.js';
import { detectableRatio, type RatioEstimate } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import { changeOf, ratioOf, type BlockValues } from './block-values.js';
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
  readonly detectableRatio: number | null;
  readonly threshold: number;
  readonly verdict: Verdict;
}

/** The values of one metric, per block of a batch. */
export type ValuesOf = (side: Side, variant: string, workload: string) => BlockValues;

/**
 * Head against base for every variant and workload, then the change of every overhead, workload by workload. What has
 * no value on one side is left out.
 */
export function estimateSides(plan: JobPlan, baseline: string, valuesOf: ValuesOf): SideEstimate[] {
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  if (names.length === plan.variants.length) return [];
  return plan.workloads.flatMap(({ label: workload }) => {
    const values = (side: Side, name: string) => valuesOf(side, name, workload);
    const sides = names.flatMap((variant) => {
      const [head, base] = [values('head', variant), values('base', variant)];
      const estimate = ratioOf(head, base);
      return estimate === null
        ? []
        : [
            {
              variant,
              workload,
              estimate,
              medians: {
                headMedian: median([...head.values()]),
                baseMedian: median([...base.values()]),
              },
            },
          ];
    });
    const changes = names
      .filter((variant) => variant !== baseline)
      .flatMap((variant) => {
        const estimate = changeOf({
          variantHead: values('head', variant),
          noneHead: values('head', baseline),
          variantBase: values('base', variant),
          noneBase: values('base', baseline),
        });
        return estimate === null ? [] : [{ variant, workload, estimate, medians: null }];
      });
    return [...sides, ...changes];
  });
}

/** The verdict of a batch by itself, with a p value adjusted for so many comparisons. */
export function judgeEstimate(
  plan: JobPlan,
  { name, direction }: MetricDefinition,
  estimate: SideEstimate,
  adjustedP: number,
  comparisons: number,
): JudgedEstimate {
  const threshold = thresholdOf(plan, estimate.workload, name);
  return {
    ...estimate,
    adjustedP,
    detectableRatio: detectableRatio(estimate.estimate, comparisons),
    threshold,
    verdict: verdictOf(estimate.estimate.interval, adjustedP, { threshold, direction }),
  };
}

/** Whether two batches' estimates are of the same comparison. */
export function sameComparison(a: SideEstimate, b: SideEstimate): boolean {
  return (
    a.workload === b.workload &&
    a.variant === b.variant &&
    (a.medians === null) === (b.medians === null)
  );
}

/**
 * One row of the answer: the figures of the first batch, the verdict of both.
 *
 * @param complete whether the first batch is; before, nothing is judged (looking until it is red finds red)
 * @param second the same comparison in the second batch, as soon as that is complete
 */
export function sideRow(
  first: JudgedEstimate,
  complete: boolean,
  second: JudgedEstimate | null,
): ChangeRow | SideRow {
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

function evidence({ estimate: { interval, pValue }, adjustedP, detectableRatio }: JudgedEstimate) {
  return { blocks: interval.blocks, ratio: interval, pValue, adjustedP, detectableRatio };
}
