import type { JobPlan } from '../contract/job.js';
import { judgedMetrics } from '../contract/judged.js';
import type { Sample } from '../contract/sample.js';
import { decide, lastLook } from '../statistics/sequential-decision.js';
import { signEstimate } from '../statistics/sign-sequence.js';
import { baselineOf } from './baseline.js';
import { isCounted, metricValue } from './metric-values.js';
import { changesOf, logRatiosOf, RunIndex, type ValueOf } from './pairs.js';
import { comparisonsOf, hasBase, type ComparisonName } from './schedule.js';
import { thresholdOf } from './thresholds.js';

const NS_PER_SECOND = 1e9;
const MS_PER_SECOND = 1e3;

/**
 * The comparisons that measuring has not decided yet, in the order of the plan.
 *
 * A comparison of head with base is decided when every metric that is judged has a verdict at its last look. An overhead
 * is asked for as a figure: it is decided when, besides, its interval is no wider on either side than the threshold or a
 * tenth of the overhead. What is decided is no longer run, so its samples and its verdict stay. The baseline's own pair
 * runs on where a change of overhead needs it, and is looked at again.
 *
 * @param samples all timed samples so far, any order
 */
export function undecided(plan: JobPlan, samples: readonly Sample[]): ComparisonName[] {
  const index = new RunIndex(samples);
  const metrics = judgedMetrics(plan.thresholds).filter((name) => !isCounted(name));
  const together = judgedTogether(plan);
  return comparisonsOf(plan).filter((comparison) =>
    metrics.some((metric) => {
      const all = valuesOf(plan, index, comparison, metricValue(metric));
      if (all === null) return metric === 'wallNs'; // another metric without values says nothing, and never will
      const values = all.slice(0, lastLook(all.length));
      const threshold = thresholdOf(plan, comparison.workload, metric);
      if (decide(values, threshold, together) === null) return true;
      return comparison.about === 'overhead' && isWide(values, threshold);
    }),
  );
}

/** Whether what is undecided can change after so many blocks: comparisons are looked at after 16, 20, 24, … */
export function isLook(blocks: number): boolean {
  return lastLook(blocks) === blocks;
}

/** How many p values of a metric are adjusted together: those of `comparisonsOf`, and with a base each side's overheads. */
function judgedTogether(plan: JobPlan): number {
  const overheads = hasBase(plan) ? (plan.variants.length - 2) * plan.workloads.length : 0;
  return comparisonsOf(plan).length + overheads;
}

/** The log ratios of wall time of comparisons, with their thresholds. */
export function comparisonRatios(
  plan: JobPlan,
  samples: readonly Sample[],
  open: readonly ComparisonName[],
): { ratios: number[]; threshold: number }[] {
  const index = new RunIndex(samples);
  return open.map((comparison) => ({
    ratios: valuesOf(plan, index, comparison, metricValue('wallNs')) ?? [],
    threshold: thresholdOf(plan, comparison.workload, 'wallNs'),
  }));
}

/** Seconds from the first to the last run of every measured block, added. */
export function spentSeconds(samples: readonly Sample[]): number {
  const blocks = new Map<number, { startMs: number; endMs: number }>();
  for (const { block, startedAt, wallNs } of samples) {
    if (block < 1) continue;
    const startMs = Date.parse(startedAt);
    const endMs = startMs + Number(wallNs) / (NS_PER_SECOND / MS_PER_SECOND);
    const span = blocks.get(block) ?? { startMs, endMs };
    blocks.set(block, {
      startMs: Math.min(span.startMs, startMs),
      endMs: Math.max(span.endMs, endMs),
    });
  }
  let spentMs = 0;
  for (const { startMs, endMs } of blocks.values()) spentMs += endMs - startMs;
  return spentMs / MS_PER_SECOND;
}

/** Whether a job that measures until its comparisons are decided has no time or no block left. */
export function isSpent(plan: JobPlan, samples: readonly Sample[]): boolean {
  if (plan.withinSeconds === null) return false;
  const blocks = samples.reduce((most, { block }) => Math.max(most, block), 0);
  return blocks >= plan.blocks || spentSeconds(samples) >= plan.withinSeconds;
}

/** Whether a figure is not known to the threshold, nor to a tenth of itself, on either side. */
function isWide(values: readonly number[], threshold: number): boolean {
  const estimate = signEstimate(values);
  if (estimate === null) return true;
  const allowed = Math.max(Math.log1p(threshold), Math.abs(estimate.value) / 10);
  return estimate.high - estimate.low > 2 * allowed;
}

/** The log ratios of a comparison, in the order of the blocks; null without values that have a logarithm. */
function valuesOf(
  plan: JobPlan,
  index: RunIndex,
  { about, variant, workload }: ComparisonName,
  valueOf: ValueOf,
): number[] | null {
  const baseline = baselineOf(plan).name;
  const cell = (side: 'head' | 'base', name: string) => ({ side, variant: name, workload });
  const againstBase = (name: string) =>
    logRatiosOf(index.pairs(cell('head', name), cell('base', name)), valueOf);
  const ratios = !hasBase(plan)
    ? logRatiosOf(index.pairs(cell('head', variant), cell('head', baseline)), valueOf)
    : about === 'change'
      ? changesOf(againstBase(variant), againstBase(baseline))
      : againstBase(variant);
  return ratios === null ? null : [...ratios.values()];
}
