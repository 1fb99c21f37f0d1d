import type { JobComparison } from '../contract/comparison.js';
import type { ImportedResult } from '../contract/import.js';
import type { JobPlan } from '../contract/job.js';
import { MEASURES, type Measure, type MeasureName } from '../contract/measure.js';
import type { Sample } from '../contract/sample.js';
import { median } from '../statistics/median.js';
import { estimateRatio } from '../statistics/ratio-estimate.js';
import { completeBlocks } from './complete-blocks.js';

/** The runs of one variant with one workload, one per measured block. */
export interface MeasuredCell {
  readonly variant: string;
  readonly workload: string;
  readonly runs: readonly Sample[];
}

/** What the job is about, and nothing else: head in the complete blocks of the first batch, workload by workload, in the plan's order. */
export function measuredCells(plan: JobPlan, samples: readonly Sample[]): MeasuredCell[] {
  const blocks = completeBlocks(plan, samples, 1);
  if (blocks.length === 0) return [];
  return plan.workloads.flatMap(({ label }) =>
    plan.variants.filter(({ side }) => side === 'head').map(({ name }) => ({ variant: name, workload: label, runs: blocks.map((block) => block.run('head', name, label)) })),
  );
}

/** Every measure of every cell: medians with intervals, and the ratios of the comparison. The baseline has no ratio. */
export function measuresOf(cells: readonly MeasuredCell[], comparison: JobComparison): Measure[] {
  return cells.flatMap(({ variant, workload, runs }): Measure[] => {
    const own = (['wallNs', 'userNs', 'systemNs', 'maxRssBytes'] as const).map((metric) =>
      measure(variant, workload, metric, centre(runs.map((run) => Number(run[metric])))),
    );
    const ratio = comparison.rows.find((row) => row.side === 'head' && row.variant === variant && row.workload === workload)?.ratio ?? null;
    if (ratio === null) return own;
    return [own[0]!, measure(variant, workload, 'wallRatio', { value: ratio.ratio, low: ratio.low, high: ratio.high, confidence: ratio.confidence, blocks: ratio.blocks }), ...own.slice(1)];
  });
}

/** What an imported result adds to a history. An interval that the document has is kept; else single runs give one. */
export function centreOfImport({ value, low, high, samples }: ImportedResult): { value: number; low: number | null; high: number | null } {
  if (low !== null || high !== null || samples === null || samples.length === 0) return { value, low, high };
  return centre(samples);
}

type Centre = Pick<Measure, 'value' | 'low' | 'high' | 'confidence' | 'blocks'>;

/**
 * Median and its interval. A positive value is a ratio over one unit, so the interval is that of a ratio; where a value
 * is not positive there is none.
 */
function centre(values: readonly number[]): Centre {
  const value = median(values);
  if (!values.every((one) => one > 0)) return { value, low: null, high: null, confidence: null, blocks: values.length };
  const { low, high, confidence } = estimateRatio(values.map((one) => Math.log(one))).interval;
  return { value, low: Math.min(low, value), high: Math.max(high, value), confidence, blocks: values.length };
}

const measure = (variant: string, workload: string, metric: MeasureName, rest: Centre): Measure => ({
  variant, workload, metric, unit: MEASURES[metric].unit, direction: 'smaller-is-better', ...rest,
});
