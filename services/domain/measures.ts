// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { ImportedResult } from '#contract/import.js';
import type { JobPlan } from '#contract/job.js';
import type { Measure } from '#contract/measure.js';
import { measuresWith, type MetricDefinition } from '#contract/metric.js';
import type { Sample } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { median } from '#statistics/median.js';
import { DEFAULT_METHODS, estimateRatio, QUICK_METHODS } from '#statistics/ratio-estimate.js';
import { batchOf } from './batches.js';
import { definitionsOf } from './definitions.js';
import { metricValue, samplesWith } from './metric-values.js';
import { RunIndex } from './pairs.js';

/** One variant of the head side with one workload. */
export interface MeasuredCell {
  readonly variant: string;
  readonly workload: string;
  /** One run per measured block of the first batch. */
  readonly runs: readonly Sample[];
  /** Its instruction samples. */
  readonly counted: readonly Sample[];
  /** Metrics that its samples may have. */
  readonly metrics: readonly MetricDefinition[];
}

export interface CellSources {
  /** Instruction samples; samples of a host that measured none of the blocks are ignored. */
  readonly counted?: readonly Sample[];
  /** Definitions of the shipped workloads, which may declare metrics of their own. */
  readonly workloads?: readonly WorkloadDefinition[];
}

/**
 * Returns the samples behind the figures of the head side: the measured blocks of the first batch,
 * workload by workload, in the plan's order.
 */
export function measuredCells(
  plan: JobPlan,
  samples: readonly Sample[],
  { counted = [], workloads = [] }: CellSources = {},
): MeasuredCell[] {
  const index = new RunIndex(samples.filter(({ block }) => batchOf(plan, block) === 1));
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  const hosts = new Set(index.samples.map(({ hostFingerprint }) => hostFingerprint));
  const here = counted.filter(
    ({ side, batch, hostFingerprint }) =>
      side === 'head' && batch === 1 && hosts.has(hostFingerprint),
  );
  return plan.workloads.flatMap((planned) => {
    const { label } = planned;
    const metrics = measuresWith(definitionsOf({ workloads: [planned] }, workloads));
    return names.flatMap((variant) => {
      const runs = index.runs({ side: 'head', variant, workload: label });
      if (runs.length === 0) return [];
      const counted = here.filter(
        (sample) => sample.variant === variant && sample.workload === label,
      );
      return [{ variant, workload: label, runs, counted, metrics }];
    });
  });
}

/**
 * Returns the measures of all cells: medians with intervals, and the ratios of the comparison.
 * Measures without a value are left out; the baseline has no ratio.
 */
export function measuresOf(cells: readonly MeasuredCell[], { rows }: JobComparison): Measure[] {
  return cells.flatMap(({ variant, workload, runs, counted, metrics }) =>
    metrics.flatMap(({ name, unit, direction }): Measure[] => {
      const labels = { variant, workload, metric: name, unit, direction };
      if (name !== 'wallRatio') {
        const values = samplesWith(name, runs, counted)
          .map(metricValue(name))
          .filter((value) => value !== null);
        return values.length === 0 ? [] : [{ ...labels, ...centre(values) }];
      }
      const ratio =
        rows.find(
          (row) => row.side === 'head' && row.variant === variant && row.workload === workload,
        )?.ratio ?? null;
      return ratio === null
        ? []
        : [
            {
              ...labels,
              value: ratio.ratio,
              low: ratio.low,
              high: ratio.high,
              confidence: ratio.confidence,
              blocks: ratio.blocks,
            },
          ];
    }),
  );
}

/** Bootstraps in an import; each takes 20 ms or more. */
export const BOOTSTRAPS_PER_IMPORT = 100;

/**
 * Returns the imported results' values with their intervals, or with intervals computed from single
 * runs. If more than `BOOTSTRAPS_PER_IMPORT` results would need a bootstrap, all intervals come
 * from quick methods, so that the time stays bounded.
 */
export function centresOfImport(results: readonly ImportedResult[]): {
  value: number;
  low: number | null;
  high: number | null;
}[] {
  const { exact, bootstrap } = DEFAULT_METHODS;
  const bootstraps = results.filter(({ low, high, samples }) => {
    const count = low === null && high === null ? (samples?.length ?? 0) : 0;
    return count > exact && count <= bootstrap;
  });
  const methods = bootstraps.length > BOOTSTRAPS_PER_IMPORT ? QUICK_METHODS : DEFAULT_METHODS;
  return results.map(({ value, low, high, samples }) => {
    if (low !== null || high !== null || samples === null || samples.length === 0)
      return { value, low, high };
    return centre(samples, methods);
  });
}

type Centre = Pick<Measure, 'value' | 'low' | 'high' | 'confidence' | 'blocks'>;

/**
 * Returns the median and its interval. The interval is computed from the values' ratios to the
 * median; values that do not vary have an interval of zero width. The interval is null if a value
 * is not positive, or if there is only one.
 */
function centre(values: readonly number[], methods = DEFAULT_METHODS): Centre {
  const value = median(values);
  if (values.length < 2 || !values.every((item) => item > 0))
    return { value, low: null, high: null, confidence: null, blocks: values.length };
  const { low, high, confidence } = estimateRatio(
    values.map((item) => Math.log(item / value)),
    methods,
  ).interval;
  return {
    value,
    low: value * Math.min(low, 1),
    high: value * Math.max(high, 1),
    confidence,
    blocks: values.length,
  };
}
