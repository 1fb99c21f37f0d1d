// SPDX-License-Identifier: GPL-2.0-or-later
import type { ChangeRow, SideRow, Verdict } from '#contract/comparison.js';
import type { MetricDefinition } from '#contract/metric.js';
import { confirm } from '#statistics/confirmation.js';
import { median } from '#statistics/median.js';
import { baselineOf } from './baseline.js';
import type { RowSources } from './comparison-row.js';
import type { Judge, RatioEvidence } from './judging.js';
import { metricValue } from './metric-values.js';
import { changesOf, logRatiosOf, type Pair } from './pairs.js';
import { sameInputs } from './same-inputs.js';
import { hasBase } from './schedule.js';
import { hasOneBuild, movedOf, processorRatio, ranSameBinary } from './second-opinion.js';
import { thresholdOf } from './thresholds.js';

/** One comparison of head with base in the blocks of one batch, not yet judged. */
export interface SideEstimate {
  readonly variant: string;
  readonly workload: string;
  readonly threshold: number;
  readonly evidence: RatioEvidence;
  /** Medians of both sides; null for a change of overhead. */
  readonly medians: { readonly headMedian: number; readonly baseMedian: number } | null;
  readonly opinion: Pick<SideRow, 'processor' | 'moved' | 'oneBuild'>;
  readonly sameBinary: boolean;
}

/** One comparison of a batch with its verdict. */
export interface JudgedEstimate extends SideEstimate {
  readonly adjustedP: number;
  readonly minimumDetectableRatio: number | null;
  readonly verdict: Verdict;
}

/**
 * Compares head with base for every variant, then the change of every overhead, workload by
 * workload. Comparisons without a value on one side are left out.
 */
export function estimateSides(sources: RowSources): SideEstimate[] {
  const { plan } = sources;
  if (!hasBase(plan)) return [];
  const names = plan.variants.filter(({ side }) => side === 'head').map(({ name }) => name);
  const baseline = baselineOf(plan).name;
  return plan.workloads.flatMap(({ label }) => [
    ...names.flatMap((name) => estimateSide(sources, name, label) ?? []),
    ...names
      .filter((name) => name !== baseline)
      .flatMap((name) => estimateChange(sources, name, label) ?? []),
  ]);
}

function estimateSide(sources: RowSources, variant: string, workload: string): SideEstimate | null {
  const { plan, index, valued, judge, metric } = sources;
  const threshold = thresholdOf(plan, workload, metric);
  const [head, base] = sidesOfCell(variant, workload);
  const pairs = valued.pairs(head, base);
  const evidence = evidenceOf(judge, logRatiosOf(pairs, metricValue(metric)), threshold);
  if (evidence === null) return null;
  const timed = index.pairs(head, base);
  return {
    variant,
    workload,
    threshold,
    evidence,
    medians: {
      headMedian: medianOf(pairs, metric, 'candidate'),
      baseMedian: medianOf(pairs, metric, 'reference'),
    },
    opinion: opinionOf(sources, timed, evidence, threshold),
    sameBinary: isSameBinary(sources, variant, timed),
  };
}

function estimateChange(
  sources: RowSources,
  variant: string,
  workload: string,
): SideEstimate | null {
  const { plan, index, valued, judge, metric } = sources;
  const threshold = thresholdOf(plan, workload, metric);
  const baseline = baselineOf(plan).name;
  const ratios = (name: string) =>
    logRatiosOf(valued.pairs(...sidesOfCell(name, workload)), metricValue(metric));
  const evidence = evidenceOf(judge, changesOf(ratios(variant), ratios(baseline)), threshold);
  if (evidence === null) return null;
  const pairs = (name: string) => index.pairs(...sidesOfCell(name, workload));
  return {
    variant,
    workload,
    threshold,
    evidence,
    medians: null,
    opinion: { processor: null, moved: null, oneBuild: hasOneBuild(metric, pairs(variant)) },
    sameBinary: [variant, baseline].every((name) => isSameBinary(sources, name, pairs(name))),
  };
}

function sidesOfCell(variant: string, workload: string) {
  return [
    { side: 'head', variant, workload },
    { side: 'base', variant, workload },
  ] as const;
}

function evidenceOf(
  judge: Judge,
  ratios: ReadonlyMap<number, number> | null,
  threshold: number,
): RatioEvidence | null {
  return ratios === null ? null : judge.estimate([...ratios.values()], threshold);
}

function medianOf(pairs: readonly Pair[], metric: string, side: 'candidate' | 'reference'): number {
  return median(
    pairs.map((pair) => metricValue(metric)(pair[side])).filter((value) => value !== null),
  );
}

function opinionOf(
  { judge, metric }: RowSources,
  pairs: readonly Pair[],
  { interval }: RatioEvidence,
  threshold: number,
): SideEstimate['opinion'] {
  const processor = metric === 'wallNs' ? processorRatio(judge, pairs, threshold) : null;
  return { processor, moved: movedOf(interval, processor), oneBuild: hasOneBuild(metric, pairs) };
}

/**
 * Returns whether a variant is the same on both sides: the emulator byte for byte, and the files
 * that it loads. In an A/A job equal bytes do not count; only equal links do.
 */
function isSameBinary(
  { plan, builds }: RowSources,
  variant: string,
  pairs: readonly Pair[],
): boolean {
  const digest = (side: 'head' | 'base') =>
    builds.find((build) => build.side === side && build.variant === variant)?.binaryDigest ?? null;
  const sameBytes =
    plan.sides?.same !== true && digest('head') !== null && digest('head') === digest('base');
  return (sameBytes || ranSameBinary(pairs)) && sameInputs(plan, variant);
}

/**
 * Judges one comparison of a batch, with a p value adjusted for all comparisons. Equal binaries are
 * not judged.
 */
export function judgeEstimate(
  judge: Judge,
  { direction }: MetricDefinition,
  estimate: SideEstimate,
  adjustedP: number,
  comparisons: number,
): JudgedEstimate {
  const { evidence, threshold } = estimate;
  return {
    ...estimate,
    adjustedP,
    minimumDetectableRatio: judge.detectable(evidence, comparisons),
    verdict: estimate.sameBinary
      ? 'same-binary'
      : judge.verdict(evidence, { adjustedP, threshold, direction, comparisons }),
  };
}

/** Returns whether two batches' estimates belong to the same comparison. */
export function sameComparison(a: SideEstimate, b: SideEstimate): boolean {
  return (
    a.workload === b.workload &&
    a.variant === b.variant &&
    (a.medians === null) === (b.medians === null)
  );
}

/**
 * State of measuring. `incomplete`: no verdict yet. `open`: further blocks may still decide.
 * `to-be-confirmed`: a regression needs a second batch. `confirmed`: it does not.
 */
export type MeasuringState = 'incomplete' | 'open' | 'to-be-confirmed' | 'confirmed';

/**
 * Returns one row of the comparison: figures of the first batch, verdict of both batches.
 *
 * @param second The same comparison in the second batch; null until that is complete.
 */
export function sideRow(
  first: JudgedEstimate,
  state: MeasuringState,
  second: JudgedEstimate | null,
): ChangeRow | SideRow {
  return {
    variant: first.variant,
    workload: first.workload,
    ...evidence(first),
    threshold: first.threshold,
    ...verdictOfBatches(first, state, second),
    ...first.opinion,
    confirmation: second === null ? null : { ...evidence(second), verdict: second.verdict },
    ...first.medians,
  };
}

function verdictOfBatches(
  { verdict, opinion: { oneBuild } }: JudgedEstimate,
  state: MeasuringState,
  second: JudgedEstimate | null,
): Pick<ChangeRow, 'verdict' | 'suspected'> {
  const open = { verdict: null, suspected: false };
  if (state === 'incomplete') return open;
  // Measuring the same two binaries again does not vary their layout.
  const outcome =
    state === 'to-be-confirmed' || oneBuild
      ? confirm(verdict, oneBuild ? null : (second?.verdict ?? null))
      : { verdict, suspected: false };
  return state === 'open' && outcome.verdict === 'inconclusive' ? open : outcome;
}

function evidence({
  evidence: { interval, pValue },
  adjustedP,
  minimumDetectableRatio,
}: JudgedEstimate): Pick<
  ChangeRow,
  'blocks' | 'ratio' | 'pValue' | 'adjustedP' | 'minimumDetectableRatio'
> {
  return { blocks: interval.blocks, ratio: interval, pValue, adjustedP, minimumDetectableRatio };
}
