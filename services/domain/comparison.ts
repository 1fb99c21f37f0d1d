// SPDX-License-Identifier: GPL-2.0-or-later
import type { Build } from '#contract/build.js';
import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '#contract/comparison.js';
import { QibenchError } from '#contract/error.js';
import type { Explanation } from '#contract/explanation.js';
import type { JobPlan } from '#contract/job.js';
import { findingMetrics } from '#contract/findings.js';
import type { MetricDefinition } from '#contract/metric.js';
import type { Sample } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import { benjaminiHochberg } from '#statistics/benjamini-hochberg.js';
import { fewestBlocks } from '#statistics/minimum-detectable-effect.js';
import { fewestPairs } from '#statistics/sequential-decision.js';
import { baselineOf } from './baseline.js';
import { batchOf, countRepetitions } from './batches.js';
import { estimateRow, type EstimatedRow, type RowSources } from './comparison-row.js';
import { isSpent, undecided } from './decisions.js';
import { fixedBlocks, untilDecided } from './judging.js';
import { isCounted, metricNamed, samplesWith } from './metric-values.js';
import { RunIndex } from './pairs.js';
import { progressOf } from './progress.js';
import {
  estimateSides,
  judgeEstimate,
  sameComparison,
  sideRow,
  type JudgedEstimate,
  type MeasuringState,
} from './side-comparison.js';
import { thresholdOf } from './thresholds.js';

export interface ComparisonOptions {
  /** Default: wall time. */
  readonly metric?: MetricDefinition;
  /** Instruction samples, for metrics that timed samples may lack. */
  readonly counted?: readonly Sample[];
  /** Builds of the job. Emulators with equal bytes are not judged, even if their sources differ. */
  readonly builds?: readonly Pick<Build, 'side' | 'variant' | 'binaryDigest'>[];
  /** Explanations of the differences by the job's profiles. */
  readonly explanations?: readonly Explanation[];
  /** Compare across host fingerprints; the result is marked. */
  readonly mixedHosts?: boolean;
}

/**
 * Compares a job's samples by one metric. Each side has the overhead of every variant over the
 * side's baseline. A job with a base also has head against base and the change of each overhead.
 *
 * Only measured blocks count, never the warm-up block. The baseline is the first variant of mode
 * `none`, else the first variant. If the number of blocks is fixed, all figures come from the first
 * batch, and the second batch only confirms or refutes a regression.
 *
 * @param samples In any order, including samples of an unfinished block.
 * @returns Rows in the plan's order, workload by workload.
 * @throws {MIXED_HOSTS} The samples come from several hosts and `mixedHosts` is not set.
 */
export function compareJob(
  jobId: string,
  plan: JobPlan,
  samples: readonly Sample[],
  options: ComparisonOptions = {},
): JobComparison {
  const { metric = metricNamed('wallNs'), counted = [], builds = [], mixedHosts = false } = options;
  const { explanations = [] } = options;
  const timed = samples.filter(({ block }) => block >= 1);
  const used = [...timed, ...(isCounted(metric.name) ? counted : [])];
  const hostFingerprints = [...new Set(used.map((sample) => sample.hostFingerprint))].sort();
  const mixed = hostFingerprints.length > 1;
  if (mixed && !mixedHosts)
    throw new QibenchError('MIXED_HOSTS', {
      count: hostFingerprints.length,
      fingerprints: hostFingerprints.join(', '),
    });

  const first = judgeBatch(plan, metric, timed, counted, 1, builds);
  const second = plan.batches > 1 ? judgeBatch(plan, metric, timed, counted, 2, builds) : null;
  const state = stateOf(plan, metric.name, samples);
  const goesOn = plan.withinSeconds !== null && !hasEnded(plan, samples);
  const sides = first.sides.map((row) => {
    const again = second?.sides.find((other) => sameComparison(row, other)) ?? null;
    return sideRow(
      row,
      state(row),
      again !== null && isWhole(plan, metric.name, again, second!.apart) ? again : null,
    );
  });
  return {
    jobId,
    metric: metric.name,
    unit: metric.unit,
    direction: metric.direction,
    baseline: baselineOf(plan).name,
    rows: goesOn ? first.rows.map(openRow) : first.rows,
    sides: sides.filter((row): row is SideRow => 'headMedian' in row),
    changes: sides.filter((row): row is ChangeRow => !('headMedian' in row)),
    same: plan.sides?.same ?? false,
    sizes: sizesOf(plan, timed),
    progress: progressOf(plan, timed),
    comparisons: first.comparisons,
    fewestBlocks:
      plan.withinSeconds === null
        ? fewestBlocks(Math.max(1, first.comparisons))
        : fewestPairs(Math.max(1, first.comparisons)),
    explanations: [...explanations],
    hostFingerprints,
    mixedHosts: mixed,
  };
}

/**
 * Returns whether a complete first batch shows a regression, which a second batch has to confirm.
 * Considers head against base and changes of overhead, by wall time and by every metric that a
 * threshold of the job names.
 *
 * @param workloads Definitions of the job's workloads, whose own metrics a threshold may name.
 * @param counted Instruction samples; if given, only the metrics that they count are considered.
 */
export function suspectsRegression(
  plan: JobPlan,
  samples: readonly Sample[],
  {
    workloads = [],
    counted,
  }: { workloads?: readonly WorkloadDefinition[]; counted?: readonly Sample[] } = {},
): boolean {
  if (blocksIn(plan, samples, 1) < plan.blocks) return false;
  const metrics = findingMetrics(plan.thresholds).filter(
    (name) => counted === undefined || isCounted(name),
  );
  return metrics.some((name) => {
    const { sides, apart } = judgeBatch(
      plan,
      metricNamed(name, workloads),
      samples,
      counted ?? [],
      1,
    );
    return sides.some((row) => row.verdict === 'regression' && isWhole(plan, name, row, apart));
  });
}

/** Returns the size of each workload's runs, for workloads that have one and were measured. */
function sizesOf({ workloads }: JobPlan, timed: readonly Sample[]): JobComparison['sizes'] {
  return workloads.flatMap(({ label, size }) => {
    const run = timed.find((sample) => sample.workload === label && sample.size === 'full');
    return size === null || run === undefined || run.sizeValue === null
      ? []
      : [{ workload: label, parameter: size.parameter, value: run.sizeValue }];
  });
}

/** Returns the number of measured blocks of a batch that have samples. */
function blocksIn(plan: JobPlan, samples: readonly Sample[], batch: number): number {
  const blocks = samples
    .filter(({ block }) => block >= 1 && batchOf(plan, block) === batch)
    .map(({ block }) => block);
  return new Set(blocks).size;
}

/** Returns whether a job that measures until its comparisons are decided has finished measuring. */
function hasEnded(plan: JobPlan, samples: readonly Sample[]): boolean {
  return isSpent(plan, samples) || undecided(plan, samples).length === 0;
}

/** Clears an inconclusive verdict while further blocks may still decide the overhead. */
function openRow(row: ComparisonRow): ComparisonRow {
  return row.verdict === 'inconclusive' ? { ...row, verdict: null } : row;
}

/** Returns a function that states how final the verdict of a first-batch row is. */
function stateOf(
  plan: JobPlan,
  metric: string,
  samples: readonly Sample[],
): (row: JudgedEstimate) => MeasuringState {
  const apart = isApart(metric, samples);
  const whole = (row: JudgedEstimate) => isWhole(plan, metric, row, apart);
  if (plan.withinSeconds === null) {
    const complete = blocksIn(plan, samples, 1) === plan.blocks;
    return (row) => (complete && whole(row) ? 'to-be-confirmed' : 'incomplete');
  }
  const ended = hasEnded(plan, samples);
  return (row) => (!ended ? 'open' : whole(row) ? 'confirmed' : 'incomplete');
}

/** Returns whether a row has every block or, for separate instruction runs, every repetition. */
function isWhole(plan: JobPlan, metric: string, row: JudgedEstimate, apart: boolean): boolean {
  const { blocks } = row.evidence.interval;
  if (!apart) return blocks >= plan.blocks || plan.withinSeconds !== null;
  return blocks >= (metric === 'guestInstructions' ? 1 : countRepetitions(plan));
}

/**
 * Returns whether the metric's values come from separate instruction runs, because no timed sample
 * has one. Instruction runs have their own batches and may lack values.
 */
function isApart(metric: string, timed: readonly Sample[]): boolean {
  return samplesWith(metric, timed, []) !== timed;
}

interface JudgedBatch {
  readonly rows: ComparisonRow[];
  readonly sides: readonly JudgedEstimate[];
  /** Number of p values that were adjusted together. */
  readonly comparisons: number;
  readonly apart: boolean;
}

/** Judges the blocks of one batch by themselves, with p values adjusted for all its comparisons. */
function judgeBatch(
  plan: JobPlan,
  metric: MetricDefinition,
  samples: readonly Sample[],
  counted: readonly Sample[],
  batch: number,
  builds: NonNullable<ComparisonOptions['builds']> = [],
): JudgedBatch {
  const timed = samples.filter(({ block }) => block >= 1 && batchOf(plan, block) === batch);
  const apart = isApart(metric.name, timed);
  const index = new RunIndex(timed);
  const sources: RowSources = {
    plan,
    builds,
    index,
    valued: apart ? new RunIndex(counted.filter((sample) => sample.batch === batch)) : index,
    judge: plan.withinSeconds === null || apart ? fixedBlocks : untilDecided,
    metric: metric.name,
  };
  const baseline = baselineOf(plan).name;
  const rows = plan.workloads.flatMap(({ label: workload }) =>
    plan.variants.flatMap(({ side, name }) => {
      const cell = { side, variant: name, workload };
      const reference = name === baseline ? null : { ...cell, variant: baseline };
      return estimateRow(sources, cell, reference, thresholdOf(plan, workload, metric.name)) ?? [];
    }),
  );
  return judgeTogether(plan, metric, sources, rows);
}

function judgeTogether(
  plan: JobPlan,
  metric: MetricDefinition,
  sources: RowSources,
  estimated: readonly EstimatedRow[],
): JudgedBatch {
  const { judge } = sources;
  const sides = estimateSides(sources);
  const pValues = [...estimated, ...sides].flatMap(({ evidence }) => evidence?.pValue ?? []);
  const adjusted = benjaminiHochberg(pValues);
  const comparisons = pValues.length;
  const rows = estimated.map(({ row, evidence }) => {
    if (evidence === null) return row;
    const adjustedP = adjusted.shift()!;
    const threshold = thresholdOf(plan, row.workload, metric.name);
    return {
      ...row,
      adjustedP,
      minimumDetectableRatio: judge.detectable(evidence, comparisons),
      verdict: judge.verdict(evidence, {
        adjustedP,
        threshold,
        direction: metric.direction,
        comparisons,
      }),
    };
  });
  return {
    rows,
    sides: sides.map((side) => judgeEstimate(judge, metric, side, adjusted.shift()!, comparisons)),
    comparisons,
    apart: sources.valued !== sources.index,
  };
}
