import type { ChangeRow, ComparisonRow, JobComparison, SideRow } from '../contract/comparison.js';
import type { JobPlan } from '../contract/job.js';
import type { Sample } from '../contract/sample.js';
import type { ComparedMetric } from '../contract/threshold.js';
import type { Variant } from '../contract/variant.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { logRatios } from '../statistics/log-ratios.js';
import { median } from '../statistics/median.js';
import { estimateRatio } from '../statistics/ratio-estimate.js';
import { verdictOf } from '../statistics/verdict.js';
import { completeBlocks, type CompleteBlock } from './complete-blocks.js';
import { estimateSides, judgeEstimate, sideRow, type JudgedEstimate } from './side-comparison.js';
import { thresholdOf } from './thresholds.js';

const METRIC: ComparedMetric = 'wallNs';
const valueOf = (sample: Sample): number => Number(sample[METRIC]);

/**
 * What a job's samples say, by wall time: on each side the overhead of every variant over the side's baseline, and
 * where there is a base, head against it and how each overhead changed.
 *
 * Only measured blocks that are complete count; the warm-up block never does. The baseline is the first variant of
 * mode `none`, else the first variant. All figures are of the first batch; a second one confirms or does not.
 *
 * @param samples any order, also of incomplete blocks
 * @returns rows in the plan's order, workload by workload; no rows as long as no block is complete
 */
export function compareJob(jobId: string, plan: JobPlan, samples: readonly Sample[]): JobComparison {
  const baseline = baselineOf(plan);
  const blocks = completeBlocks(plan, samples, 1);
  const second = completeBlocks(plan, samples, 2);
  const first = judgeBatch(plan, baseline, blocks);
  const again = second.length === plan.blocks ? judgeBatch(plan, baseline, second).sides : null;
  const sides = first.sides.map((row, index) => sideRow(row, blocks.length === plan.blocks, again?.[index] ?? null));
  const used = [...blocks, ...second].flatMap((block) => block.samples);
  return {
    jobId,
    metric: METRIC,
    baseline,
    rows: first.rows,
    sides: sides.filter((row): row is SideRow => 'headMedian' in row),
    changes: sides.filter((row): row is ChangeRow => !('headMedian' in row)),
    same: plan.sides?.same ?? false,
    hostFingerprints: [...new Set(used.map((sample) => sample.hostFingerprint))].sort(),
  };
}

/** Whether a complete first batch calls a regression of head against base, or of an overhead, which a second one has to confirm. */
export function suspectsRegression(plan: JobPlan, samples: readonly Sample[]): boolean {
  const blocks = completeBlocks(plan, samples, 1);
  return blocks.length === plan.blocks && judgeBatch(plan, baselineOf(plan), blocks).sides.some(({ verdict }) => verdict === 'regression');
}

function baselineOf(plan: JobPlan): string {
  return (plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!).name;
}

/** Everything that the blocks of one batch say, p values adjusted for all of it, judged by themselves. */
function judgeBatch(plan: JobPlan, baseline: string, blocks: readonly CompleteBlock[]): { rows: ComparisonRow[]; sides: JudgedEstimate[] } {
  if (blocks.length === 0) return { rows: [], sides: [] };
  const rows = plan.workloads.flatMap(({ label }) => {
    const runsOf = ({ side, name }: Pick<Variant, 'side' | 'name'>): Sample[] => blocks.map((block) => block.run(side, name, label));
    return plan.variants.map((variant) => compareCell(runsOf(variant), variant.name === baseline ? null : runsOf({ side: variant.side, name: baseline })));
  });
  const sides = estimateSides(plan, baseline, blocks, valueOf);
  const adjusted = benjaminiHochberg([...rows.flatMap(({ pValue }) => (pValue === null ? [] : [pValue])), ...sides.map(({ estimate }) => estimate.pValue)]);
  return {
    rows: rows.map((row) => (row.ratio === null ? row : judgeRow(plan, row, adjusted.shift()!))),
    sides: sides.map((side) => judgeEstimate(plan, METRIC, side, adjusted.shift()!)),
  };
}

function judgeRow(plan: JobPlan, row: ComparisonRow, adjustedP: number): ComparisonRow {
  return { ...row, adjustedP, verdict: verdictOf(row.ratio!, adjustedP, { threshold: thresholdOf(plan, row.workload, METRIC), direction: 'smaller-is-better' }) };
}

/** One row, not yet judged. Both lists have one sample per block, in the same order; without a reference it is the baseline's own row. */
function compareCell(runs: readonly Sample[], reference: readonly Sample[] | null): ComparisonRow {
  const wall = runs.map(valueOf);
  const baselineWall = reference?.map(valueOf) ?? null;
  const estimate = baselineWall === null ? null : estimateRatio(logRatios(wall, baselineWall));
  const counts = eventCounts(runs);
  return {
    variant: runs[0]!.variant,
    side: runs[0]!.side,
    workload: runs[0]!.workload,
    blocks: runs.length,
    medianWallNs: median(wall),
    ratio: estimate?.interval ?? null,
    pValue: estimate?.pValue ?? null,
    adjustedP: null,
    detectableRatio: estimate?.detectableRatio ?? null,
    verdict: null,
    events: counts === null ? null : medianCount(counts).toString(),
    nsPerEvent: baselineWall === null || counts === null ? null : nsPerEvent(wall, baselineWall, counts),
    recordsStored: sum(runs.map((sample) => sample.recordsStored)),
    recordsDropped: sum(runs.map((sample) => sample.recordsDropped)),
  };
}

/** Events that fired per run, over all names; those that a trace had to drop did fire. Null if a run did not count. */
function eventCounts(runs: readonly Sample[]): bigint[] | null {
  const counts: bigint[] = [];
  for (const { events, recordsDropped } of runs) {
    if (events === null) return null;
    counts.push(Object.values(events).reduce((total, count) => total + BigInt(count), BigInt(recordsDropped ?? 0)));
  }
  return counts;
}

/** Median over the blocks of (wall - baseline's wall) / events, in ns; null if a run had no event. */
function nsPerEvent(wall: readonly number[], baselineWall: readonly number[], counts: readonly bigint[]): number | null {
  if (counts.includes(0n)) return null;
  return median(wall.map((value, block) => (value - baselineWall[block]!) / Number(counts[block]!)));
}

/** The median of counts, rounded down to a whole count. */
function medianCount(counts: readonly bigint[]): bigint {
  const sorted = [...counts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2n;
}

/** The sum of those that are known; null if none is. */
function sum(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + BigInt(value), 0n).toString();
}
