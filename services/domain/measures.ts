import type { JobComparison } from '../contract/comparison.js';
import type { ImportedResult } from '../contract/import.js';
import type { JobPlan } from '../contract/job.js';
import type { Measure } from '../contract/measure.js';
import { MEASURES } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import { median } from '../statistics/median.js';
import { estimateRatio } from '../statistics/ratio-estimate.js';
import { completeBlocks } from './complete-blocks.js';

/** The runs of one variant of the head side with one workload, one per measured block of the first batch. */
export interface MeasuredCell {
  readonly variant: string;
  readonly workload: string;
  readonly runs: readonly Sample[];
}

/**
 * What the figures of a comparison are made of, for the head side, which a job is about: the complete blocks of the
 * first batch, workload by workload, in the plan's order.
 */
export function measuredCells(plan: JobPlan, samples: readonly Sample[]): MeasuredCell[] {
  const blocks = completeBlocks(plan, samples, 1);
  if (blocks.length === 0) return [];
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  return plan.workloads.flatMap(({ label }) => names.map((name) => ({ variant: name, workload: label, runs: blocks.map((block) => block.run('head', name, label)) })));
}

/** Every measure of every cell: medians with intervals, and the ratios of the comparison. The baseline has no ratio. */
export function measuresOf(cells: readonly MeasuredCell[], { rows }: JobComparison): Measure[] {
  return cells.flatMap(({ variant, workload, runs }) =>
    MEASURES.flatMap(({ name, unit, direction }): Measure[] => {
      const of = { variant, workload, metric: name, unit, direction };
      if (name !== 'wallRatio') return [{ ...of, ...centre(runs.map((run) => Number(run[name]))) }];
      const ratio = rows.find((row) => row.side === 'head' && row.variant === variant && row.workload === workload)?.ratio ?? null;
      return ratio === null ? [] : [{ ...of, value: ratio.ratio, low: ratio.low, high: ratio.high, confidence: ratio.confidence, blocks: ratio.blocks }];
    }),
  );
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
