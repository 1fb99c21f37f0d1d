import type { Comparison, ComparisonRow } from '../contract/comparison.js';
import { QibenchError } from '../contract/error.js';
import type { JobPlan } from '../contract/job.js';
import type { MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { Variant } from '../contract/variant.js';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.js';
import { logRatios } from '../statistics/log-ratios.js';
import { median } from '../statistics/median.js';
import { estimateRatio, type RatioEstimate } from '../statistics/ratio-estimate.js';
import { PRACTICAL_THRESHOLD, verdictOf } from '../statistics/verdict.js';
import { isCounted, metricNamed, metricValues } from './metric-values.js';

export interface ComparisonOptions {
  /** Default: wall time. */
  readonly metric?: MetricDefinition;
  /** Instruction samples, for metrics that only those may have. */
  readonly counted?: readonly Sample[];
  /** Compare across host fingerprints; the answer is marked. */
  readonly mixedHosts?: boolean;
}

/**
 * The overhead matrix of a job: every variant against the baseline, per workload, by one metric.
 *
 * Only measured blocks that are complete count: those in which every variant ran every workload. The warm-up block
 * never counts. The baseline is the first variant of mode `none`, else the plan's first variant.
 *
 * @param samples any order, also of incomplete blocks
 * @throws QibenchError MIXED_HOSTS if samples of several host fingerprints would be compared, unless that is asked for
 * @returns rows in the plan's order, workload by workload; no rows as long as no block is complete
 */
export function compareJob(jobId: string, plan: JobPlan, samples: readonly Sample[], options: ComparisonOptions = {}): Comparison {
  const { metric = metricNamed('wallNs'), counted = [], mixedHosts = false } = options;
  const baseline = baselineOf(plan);
  const blocks = completeBlocks(plan, samples);
  const rows: ComparisonRow[] = [];
  if (blocks.length > 0) {
    for (const { label } of plan.workloads) {
      const runsOf = (variant: string): Sample[] => blocks.map((block) => block.get(cell(variant, label))!);
      const valuesOf = (variant: string) => metricValues(metric.name, runsOf(variant), counted.filter((sample) => sample.variant === variant && sample.workload === label));
      const reference = { runs: runsOf(baseline.name), values: valuesOf(baseline.name) };
      for (const { name } of plan.variants) rows.push(compareCell(runsOf(name), valuesOf(name), name === baseline.name ? null : reference));
    }
  }
  const used = [...blocks.flatMap((block) => [...block.values()]), ...(isCounted(metric.name) ? counted : [])];
  const hostFingerprints = [...new Set(used.map((sample) => sample.hostFingerprint))].sort();
  const mixed = hostFingerprints.length > 1;
  if (mixed && !mixedHosts) throw new QibenchError('MIXED_HOSTS', { count: hostFingerprints.length, fingerprints: hostFingerprints.join(', ') });
  return {
    jobId,
    metric: metric.name,
    unit: metric.unit,
    direction: metric.direction,
    baseline: baseline.name,
    rows: judge(rows, metric),
    hostFingerprints,
    mixedHosts: mixed,
  };
}

/** What ratios are over. */
export function baselineOf(plan: JobPlan): Variant {
  return plan.variants.find((variant) => variant.mode === 'none') ?? plan.variants[0]!;
}

type Cell = string;
export const cell = (variant: string, workload: string): Cell => `${variant}\n${workload}`;

/** The measured blocks in which nothing is missing, ascending, each as its samples by cell. */
export function completeBlocks(plan: JobPlan, samples: readonly Sample[]): Map<Cell, Sample>[] {
  const planned = new Set(plan.variants.flatMap((variant) => plan.workloads.map((workload) => cell(variant.name, workload.label))));
  const blocks = new Map<number, Map<Cell, Sample>>();
  for (const sample of samples) {
    const key = cell(sample.variant, sample.workload);
    if (sample.block < 1 || !planned.has(key)) continue;
    const block = blocks.get(sample.block) ?? new Map<Cell, Sample>();
    blocks.set(sample.block, block.set(key, sample));
  }
  return [...blocks.entries()]
    .filter(([, block]) => block.size === planned.size)
    .sort(([a], [b]) => a - b)
    .map(([, block]) => block);
}

/** The rows with what depends on all of them: adjusted p values, and verdicts on these. */
function judge(rows: readonly ComparisonRow[], { direction }: MetricDefinition): ComparisonRow[] {
  const adjusted = benjaminiHochberg(rows.flatMap(({ pValue }) => (pValue === null ? [] : [pValue])));
  return rows.map((row) => {
    if (row.ratio === null) return row;
    const adjustedP = adjusted.shift()!;
    return { ...row, adjustedP, verdict: verdictOf(row.ratio, adjustedP, { threshold: PRACTICAL_THRESHOLD, direction }) };
  });
}

interface Reference {
  readonly runs: readonly Sample[];
  readonly values: ReadonlyMap<number, number>;
}

/** One row, not yet judged. Both lists of runs have one sample per block, in the same order; without a reference it is the baseline's own row. */
function compareCell(runs: readonly Sample[], values: ReadonlyMap<number, number>, reference: Reference | null): ComparisonRow {
  const wall = runs.map((sample) => Number(sample.wallNs));
  const baselineWall = reference?.runs.map((sample) => Number(sample.wallNs)) ?? null;
  const estimate = reference === null ? null : estimateOf(values, reference.values);
  const counts = eventCounts(runs);
  return {
    variant: runs[0]!.variant,
    workload: runs[0]!.workload,
    blocks: runs.length,
    medianWallNs: median(wall),
    median: values.size === 0 ? null : median([...values.values()]),
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

/** From the blocks in which both sides have a value; null without any, or where a value has no logarithm, as no system time at all. */
function estimateOf(values: ReadonlyMap<number, number>, reference: ReadonlyMap<number, number>): RatioEstimate | null {
  const blocks = [...values.keys()].filter((block) => reference.has(block));
  const [candidate, baseline] = [blocks.map((block) => values.get(block)!), blocks.map((block) => reference.get(block)!)];
  return blocks.length === 0 || [...candidate, ...baseline].some((value) => value <= 0) ? null : estimateRatio(logRatios(candidate, baseline));
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
