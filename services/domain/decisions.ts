// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { findingMetrics } from '#contract/findings.js';
import type { Sample } from '#contract/sample.js';
import { decide, lastLook } from '#statistics/sequential-decision.js';
import { signEstimate } from '#statistics/sign-sequence.js';
import { baselineOf } from './baseline.js';
import { isCounted, metricValue } from './metric-values.js';
import { changesOf, logRatiosOf, RunIndex, type ValueOf } from './pairs.js';
import { comparisonsOf, hasBase, type ComparisonName } from './schedule.js';
import { thresholdOf } from './thresholds.js';

const NS_PER_SECOND = 1e9;
const MS_PER_SECOND = 1e3;

/**
 * Returns the comparisons that measuring has not decided yet, in the order of the plan.
 *
 * A comparison of head with base is decided when every judged metric has a verdict at its last
 * look. An overhead is reported as a figure, so its interval must also be narrow: on either side no
 * wider than the threshold or a tenth of the overhead. A decided comparison is no longer run, so
 * its samples and verdict stay the same. The baseline's own pair continues to run if a change of
 * overhead needs it, and is then judged again.
 *
 * @param samples All timed samples so far, in any order.
 */
export function undecided(plan: JobPlan, samples: readonly Sample[]): ComparisonName[] {
  const index = new RunIndex(samples);
  const metrics = findingMetrics(plan.thresholds).filter((name) => !isCounted(name));
  const together = judgedTogether(plan);
  return comparisonsOf(plan).filter((comparison) =>
    metrics.some((metric) => {
      const all = valuesOf(plan, index, comparison, metricValue(metric));
      // any other metric without values never gets one
      if (all === null) return metric === 'wallNs';
      const values = all.slice(0, lastLook(all.length));
      const threshold = thresholdOf(plan, comparison.workload, metric);
      if (decide(values, threshold, together) === null) return true;
      return comparison.about === 'overhead' && isWide(values, threshold);
    }),
  );
}

/** Returns whether comparisons are evaluated after this number of blocks: 16, 20, 24, … */
export function isLook(blocks: number): boolean {
  return lastLook(blocks) === blocks;
}

/**
 * Returns the number of a metric's p values that are adjusted together: one for each of
 * `comparisonsOf` and, with a base, one for each overhead on either side.
 */
function judgedTogether(plan: JobPlan): number {
  const overheads = hasBase(plan) ? (plan.variants.length - 2) * plan.workloads.length : 0;
  return comparisonsOf(plan).length + overheads;
}

/** Returns the log ratios of wall time of the open comparisons, with their thresholds. */
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

/**
 * Returns the time spent in measured blocks: seconds from first to last run, summed over blocks.
 */
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

/** Returns whether a job that measures until decided has used up its time or its blocks. */
export function isSpent(plan: JobPlan, samples: readonly Sample[]): boolean {
  if (plan.withinSeconds === null) return false;
  const blocks = samples.reduce((most, { block }) => Math.max(most, block), 0);
  return blocks >= plan.blocks || spentSeconds(samples) >= plan.withinSeconds;
}

/**
 * Returns whether an interval is wider on either side than the threshold and a tenth of its value.
 */
function isWide(values: readonly number[], threshold: number): boolean {
  const estimate = signEstimate(values);
  if (estimate === null) return true;
  const allowed = Math.max(Math.log1p(threshold), Math.abs(estimate.value) / 10);
  return estimate.high - estimate.low > 2 * allowed;
}

/** Returns a comparison's log ratios in the order of the blocks; null without positive values. */
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
