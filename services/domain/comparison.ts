import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '../contract/comparison.js';
import { QibenchError } from '../contract/error.js';
import type { JobPlan } from '../contract/job.js';
import { metricsOf, type MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { Side } from '../contract/side.js';
import type { WorkloadDefinition } from '../contract/workload.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { verdictOf } from '../statistics/verdict.js';
import { completeBlocks, type CompleteBlock } from './complete-blocks.js';
import { declaredBy, isCounted, metricNamed, metricValues } from './metric-values.js';
import { overheadRow, type Runs } from './overhead-row.js';
import { estimateSides, judgeEstimate, sideRow, type JudgedEstimate } from './side-comparison.js';
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
 * Instruction samples are of no batch: they say nothing twice, so they confirm nothing.
 *
 * @param samples any order, also of incomplete blocks
 * @throws QibenchError MIXED_HOSTS if samples of several host fingerprints would be compared, unless that is asked for
 * @returns rows in the plan's order, workload by workload; no rows as long as no block is complete
 */
export function compareJob(jobId: string, plan: JobPlan, samples: readonly Sample[], options: ComparisonOptions = {}): JobComparison {
  const { metric = metricNamed('wallNs'), counted = [], mixedHosts = false } = options;
  const blocks = completeBlocks(plan, samples, 1);
  const second = completeBlocks(plan, samples, 2);
  const used = [...[...blocks, ...second].flatMap((block) => block.samples), ...(isCounted(metric.name) ? counted : [])];
  const hostFingerprints = [...new Set(used.map((sample) => sample.hostFingerprint))].sort();
  const mixed = hostFingerprints.length > 1;
  if (mixed && !mixedHosts) throw new QibenchError('MIXED_HOSTS', { count: hostFingerprints.length, fingerprints: hostFingerprints.join(', ') });

  const first = judgeBatch(plan, metric, blocks, counted);
  const again = second.length === plan.blocks ? judgeBatch(plan, metric, second, []).sides : null;
  const sides = first.sides.map((row, index) => sideRow(row, blocks.length === plan.blocks, again?.[index] ?? null));
  return {
    jobId,
    metric: metric.name,
    unit: metric.unit,
    direction: metric.direction,
    baseline: baselineOf(plan),
    rows: first.rows,
    sides: sides.filter((row): row is SideRow => 'headMedian' in row),
    changes: sides.filter((row): row is ChangeRow => !('headMedian' in row)),
    same: plan.sides?.same ?? false,
    hostFingerprints,
    mixedHosts: mixed,
  };
}

/**
 * Whether a complete first batch calls a regression of head against base, or of an overhead, which a second one has to
 * confirm: of wall time, or of a metric that a threshold of the job names.
 *
 * @param workloads known ones: what those of the job declare can be named too
 */
export function suspectsRegression(plan: JobPlan, samples: readonly Sample[], workloads: readonly WorkloadDefinition[] = []): boolean {
  const blocks = completeBlocks(plan, samples, 1);
  if (blocks.length !== plan.blocks) return false;
  const names = new Set(['wallNs', ...plan.thresholds.flatMap(({ metric }) => metric ?? [])]);
  const metrics = metricsOf(declaredBy(plan, workloads)).filter(({ name }) => names.has(name));
  return metrics.some((metric) => judgeBatch(plan, metric, blocks, []).sides.some(({ verdict }) => verdict === 'regression'));
}

/** Name of the variant that ratios are over. */
export function baselineOf(plan: JobPlan): string {
  return (plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!).name;
}

/** Everything that the blocks of one batch say of a metric, p values adjusted for all of it, judged by themselves. */
function judgeBatch(
  plan: JobPlan,
  metric: MetricDefinition,
  blocks: readonly CompleteBlock[],
  counted: readonly Sample[],
): { rows: ComparisonRow[]; sides: JudgedEstimate[] } {
  if (blocks.length === 0) return { rows: [], sides: [] };
  const baseline = baselineOf(plan);
  const runsOf = (side: Side, name: string, workload: string): Runs => {
    const samples = blocks.map((block) => block.run(side, name, workload));
    const instructions = counted.filter((sample) => sample.side === side && sample.variant === name && sample.workload === workload);
    return { samples, values: metricValues(metric.name, samples, instructions) };
  };
  const rows = plan.workloads.flatMap(({ label }) =>
    plan.variants.map(({ side, name }) => overheadRow(runsOf(side, name, label), name === baseline ? null : runsOf(side, baseline, label))),
  );
  const sides = estimateSides(plan, baseline, (side, name, workload) => runsOf(side, name, workload).values);
  const adjusted = benjaminiHochberg([...rows.map(({ pValue }) => pValue), ...sides.map(({ estimate }) => estimate?.pValue ?? null)].filter((pValue) => pValue !== null));
  return {
    rows: rows.map((row) => (row.ratio === null ? row : judgeRow(plan, metric, row, adjusted.shift()!))),
    sides: sides.map((side) => judgeEstimate(plan, metric, side, side.estimate === null ? null : adjusted.shift()!)),
  };
}

function judgeRow(plan: JobPlan, { name, direction }: MetricDefinition, row: ComparisonRow, adjustedP: number): ComparisonRow {
  return { ...row, adjustedP, verdict: verdictOf(row.ratio!, adjustedP, { threshold: thresholdOf(plan, row.workload, name), direction }) };
}
