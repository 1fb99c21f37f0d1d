import type { Build } from '../contract/build.js';
import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '../contract/comparison.js';
import { QibenchError } from '../contract/error.js';
import type { JobPlan } from '../contract/job.js';
import { judgedMetrics } from '../contract/judged.js';
import type { MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { WorkloadDefinition } from '../contract/workload.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { fewestBlocks } from '../statistics/minimum-detectable-effect.js';
import { fewestPairs } from '../statistics/sequential-decision.js';
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
  /** Instruction samples, for metrics that only those may have. */
  readonly counted?: readonly Sample[];
  /** Builds of the job: emulators of equal bytes are not judged, whatever they were built from. */
  readonly builds?: readonly Pick<Build, 'side' | 'variant' | 'binaryDigest'>[];
  /** Compare across host fingerprints; the answer is marked. */
  readonly mixedHosts?: boolean;
}

/**
 * What a job's samples say, by one metric: on each side the overhead of every variant over the side's baseline, and
 * where there is a base, head against it and how each overhead changed.
 *
 * Only measured blocks count; the warm-up block never does. The baseline is the first variant of mode `none`, else the
 * first variant. Of a fixed number of blocks all figures are of the first batch; a second one confirms or does not.
 *
 * @param samples any order, also of a block that has not ended
 * @throws QibenchError MIXED_HOSTS if samples of several host fingerprints would be compared, unless that is asked for
 * @returns rows in the plan's order, workload by workload
 */
export function compareJob(
  jobId: string,
  plan: JobPlan,
  samples: readonly Sample[],
  options: ComparisonOptions = {},
): JobComparison {
  const { metric = metricNamed('wallNs'), counted = [], builds = [], mixedHosts = false } = options;
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
    progress: progressOf(plan, timed),
    comparisons: first.comparisons,
    fewestBlocks:
      plan.withinSeconds === null
        ? fewestBlocks(Math.max(1, first.comparisons))
        : fewestPairs(Math.max(1, first.comparisons)),
    hostFingerprints,
    mixedHosts: mixed,
  };
}

/**
 * Whether a complete first batch calls a regression of head against base, or of an overhead, which a second one has to
 * confirm: by wall time, or by any other metric that a threshold of the job names.
 *
 * @param workloads definitions of the job's workloads, whose metrics can be named too
 * @param counted instruction samples: then by what those count, and by nothing else
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
  const metrics = judgedMetrics(plan.thresholds).filter(
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

/** How many measured blocks of a batch have samples. */
function blocksIn(plan: JobPlan, samples: readonly Sample[], batch: number): number {
  const blocks = samples
    .filter(({ block }) => block >= 1 && batchOf(plan, block) === batch)
    .map(({ block }) => block);
  return new Set(blocks).size;
}

/** Whether a job that measures until its comparisons are decided has nothing left to measure. */
function hasEnded(plan: JobPlan, samples: readonly Sample[]): boolean {
  return isSpent(plan, samples) || undecided(plan, samples).length === 0;
}

/** An overhead has no verdict as long as measuring can still decide it. */
function openRow(row: ComparisonRow): ComparisonRow {
  return row.verdict === 'inconclusive' ? { ...row, verdict: null } : row;
}

/** How far the verdict of a row of the first batch can be relied on. */
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

/** Whether a row has every block or, of what is counted apart, every repetition. */
function isWhole(plan: JobPlan, metric: string, row: JudgedEstimate, apart: boolean): boolean {
  const { blocks } = row.evidence.interval;
  if (!apart) return blocks >= plan.blocks || plan.withinSeconds !== null;
  return blocks >= (metric === 'guestInstructions' ? 1 : countRepetitions(plan));
}

/** What no timed sample has is counted apart, in batches of its own, which may lack what a run under a counter did not give. */
function isApart(metric: string, timed: readonly Sample[]): boolean {
  return samplesWith(metric, timed, []) !== timed;
}

interface JudgedBatch {
  readonly rows: ComparisonRow[];
  readonly sides: readonly JudgedEstimate[];
  /** How many p values were adjusted together. */
  readonly comparisons: number;
  readonly apart: boolean;
}

/** Everything that the blocks of one batch say, p values adjusted for all of it, judged by themselves. */
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
      detectableRatio: judge.detectable(evidence, comparisons),
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
