import type { Comparison } from '../contract/comparison.js';
import type { ImportedResult } from '../contract/import.js';
import type { JobPlan } from '../contract/job.js';
import { MEASURES, type Measure, type MeasureName } from '../contract/measure.js';
import type { Sample } from '../contract/sample.js';
import { median } from '../statistics/median.js';
import { estimateRatio } from '../statistics/ratio-estimate.js';
import { cell, completeBlocks } from './comparison.js';

/** The runs of one variant with one workload, one per measured block. */
export interface MeasuredCell {
  readonly variant: string;
  readonly workload: string;
  readonly runs: readonly Sample[];
}

/** What a comparison counts, and nothing else: the complete measured blocks, workload by workload, in the plan's order. */
export function measuredCells(plan: JobPlan, samples: readonly Sample[]): MeasuredCell[] {
  const blocks = completeBlocks(plan, samples);
  if (blocks.length === 0) return [];
  return plan.workloads.flatMap(({ label }) =>
    plan.variants.map(({ name }) => ({ variant: name, workload: label, runs: blocks.map((block) => block.get(cell(name, label))!) })),
  );
}

/** Every measure of every cell: medians with intervals, and the ratios of the comparison. The baseline has no ratio. */
export function measuresOf(cells: readonly MeasuredCell[], comparison: Comparison): Measure[] {
  return cells.flatMap(({ variant, workload, runs }): Measure[] => {
    const own = (['wallNs', 'userNs', 'systemNs', 'maxRssBytes'] as const).map((metric) =>
      measure(variant, workload, metric, centre(runs.map((run) => Number(run[metric])))),
    );
    const ratio = comparison.rows.find((row) => row.variant === variant && row.workload === workload)?.ratio ?? null;
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
