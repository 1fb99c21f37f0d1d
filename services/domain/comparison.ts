import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '../contract/comparison.js';
import { QibenchError } from '../contract/error.js';
import type { JobPlan } from '../contract/job.js';
import { judgedMetrics } from '../contract/judged.js';
import type { MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { Side } from '../contract/side.js';
import type { Variant } from '../contract/variant.js';
import type { WorkloadDefinition } from '../contract/workload.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { fewestBlocks } from '../statistics/minimum-detectable-effect.js';
import { detectableRatio } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import { countRepetitions } from './batches.js';
import { compareCell } from './comparison-row.js';
import { completeBlocks, type CompleteBlock } from './complete-blocks.js';
import { isCounted, metricNamed, metricValues } from './metric-values.js';
import {
  estimateSides,
  judgeEstimate,
  sameComparison,
  sideRow,
  type JudgedEstimate,
} from './side-comparison.js';
import { thresholdOf } from './thresholds.js';

export interface ComparisonOptions {
  /** Default: wall time. */
  readonly metric?: MetricDefinition;
  /** Instruction samples, for metrics that only those may have. */
  readonly counted?: readonly Sample[];
  /** Compare across host fingerprints; the answer is marked. */
  readonly mixedHosts?: boolean;
}

/**
 * What a job's samples say, by one metric: on each side the overhead of every variant over the side's baseline, and
 * where there is a base, head against it and how each overhead changed.
 *
 * Only measured blocks that are complete count; the warm-up block never does. The baseline is the first variant of
 * mode `none`, else the first variant. All figures are of the first batch; a second one confirms or does not.
 *
 * @param samples any order, also of incomplete blocks
 * @throws QibenchError MIXED_HOSTS if samples of several host fingerprints would be compared, unless that is asked for
 * @returns rows in the plan's order, workload by workload; no rows as long as no block is complete
 */
export function compareJob(
  jobId: string,
  plan: JobPlan,
  samples: readonly Sample[],
  options: ComparisonOptions = {},
): JobComparison {
  const { metric = metricNamed('wallNs'), counted = [], mixedHosts = false } = options;
  const blocks = completeBlocks(plan, samples, 1);
  const second = completeBlocks(plan, samples, 2);
  const used = [
    ...[...blocks, ...second].flatMap((block) => block.samples),
    ...(isCounted(metric.name) ? counted : []),
  ];
  const hostFingerprints = [...new Set(used.map((sample) => sample.hostFingerprint))].sort();
  const mixed = hostFingerprints.length > 1;
  if (mixed && !mixedHosts)
    throw new QibenchError('MIXED_HOSTS', {
      count: hostFingerprints.length,
      fingerprints: hostFingerprints.join(', '),
    });

  // What no timed sample has is counted apart, in batches of its own, which may lack what a run under a counter did not give.
  const apart =
    isCounted(metric.name) &&
    blocks.every((block) => metricValues(metric.name, block.samples, []).size === 0);
  const whole = (row: JudgedEstimate, repetitions: number) =>
    !apart || row.estimate.interval.blocks >= repetitions;
  const first = judgeBatch(plan, metric, blocks, ofBatch(counted, 1));
  const again =
    apart || second.length === plan.blocks
      ? judgeBatch(plan, metric, apart ? blocks : second, ofBatch(counted, 2)).sides.filter((row) =>
          whole(row, plan.blocks),
        )
      : [];
  const repetitions = metric.name === 'guestInstructions' ? 1 : countRepetitions(plan);
  const sides = first.sides.map((row) =>
    sideRow(
      row,
      blocks.length === plan.blocks && whole(row, repetitions),
      again.find((other) => sameComparison(row, other)) ?? null,
    ),
  );
  return {
    jobId,
    metric: metric.name,
    unit: metric.unit,
    direction: metric.direction,
    baseline: baselineOf(plan).name,
    rows: first.rows,
    sides: sides.filter((row): row is SideRow => 'headMedian' in row),
    changes: sides.filter((row): row is ChangeRow => !('headMedian' in row)),
    same: plan.sides?.same ?? false,
    comparisons: first.comparisons,
    fewestBlocks: fewestBlocks(Math.max(1, first.comparisons)),
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
  const blocks = completeBlocks(plan, samples, 1);
  if (blocks.length < plan.blocks) return false;
  const metrics = judgedMetrics(plan.thresholds).filter(
    (name) => counted === undefined || isCounted(name),
  );
  return metrics.some((name) =>
    judgeBatch(plan, metricNamed(name, workloads), blocks, ofBatch(counted ?? [], 1)).sides.some(
      ({ verdict }) => verdict === 'regression',
    ),
  );
}

const ofBatch = (samples: readonly Sample[], batch: number): readonly Sample[] =>
  samples.filter((sample) => sample.batch === batch);

/** What overheads are over. */
export function baselineOf(plan: JobPlan): Variant {
  return plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!;
}

interface JudgedBatch {
  readonly rows: ComparisonRow[];
  readonly sides: readonly JudgedEstimate[];
  /** How many p values were adjusted together. */
  readonly comparisons: number;
}

/** Everything that the blocks of one batch say, p values adjusted for all of it, judged by themselves. */
function judgeBatch(
  plan: JobPlan,
  metric: MetricDefinition,
  blocks: readonly CompleteBlock[],
  counted: readonly Sample[],
): JudgedBatch {
  if (blocks.length === 0) return { rows: [], sides: [], comparisons: 0 };
  const baseline = baselineOf(plan).name;
  const runsOf = (side: Side, name: string, label: string) =>
    blocks.map((block) => block.run(side, name, label));
  const valuesOf = (side: Side, name: string, label: string) =>
    metricValues(
      metric.name,
      runsOf(side, name, label),
      counted.filter(
        (sample) => sample.side === side && sample.variant === name && sample.workload === label,
      ),
    );
  const cells = plan.workloads.flatMap(({ label }) =>
    plan.variants.map(({ side, name }) => {
      const reference =
        name === baseline
          ? null
          : { runs: runsOf(side, baseline, label), values: valuesOf(side, baseline, label) };
      return compareCell(runsOf(side, name, label), valuesOf(side, name, label), reference);
    }),
  );
  const sides = estimateSides(plan, baseline, valuesOf);
  const pValues = [...cells, ...sides].flatMap(({ estimate }) =>
    estimate === null ? [] : [estimate.pValue],
  );
  const adjusted = benjaminiHochberg(pValues);
  const comparisons = pValues.length;
  return {
    rows: cells.map(({ row, estimate }) =>
      estimate === null
        ? row
        : {
            ...row,
            detectableRatio: detectableRatio(estimate, comparisons),
            ...judgement(plan, metric, row, adjusted.shift()!),
          },
    ),
    sides: sides.map((side) => judgeEstimate(plan, metric, side, adjusted.shift()!, comparisons)),
    comparisons,
  };
}

function judgement(
  plan: JobPlan,
  { name, direction }: MetricDefinition,
  { workload, ratio }: ComparisonRow,
  adjustedP: number,
): Pick<ComparisonRow, 'adjustedP' | 'verdict'> {
  return {
    adjustedP,
    verdict: verdictOf(ratio!, adjustedP, {
      threshold: thresholdOf(plan, workload, name),
      direction,
    }),
  };
}
