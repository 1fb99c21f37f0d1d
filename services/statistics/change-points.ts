// SPDX-License-Identifier: GPL-2.0-or-later
import { bestSplit, type Split } from './energy-split.js';
import { median } from './median.js';
import { random, randomInteger, type Random } from './random.js';

/** A level shift in a series. */
export interface ChangePoint {
  /** Index of the first value of the new level. */
  readonly index: number;
  /**
   * Median of the values from the change before (or the start) up to this one, in the unit of the
   * values.
   */
  readonly before: number;
  /** Median from here to the next change (or the end). */
  readonly after: number;
  /** after / before. */
  readonly ratio: number;
  /** p value of the permutation test that accepted it. */
  readonly pValue: number;
}

export interface ChangePointOptions {
  /** Largest p value of a change; R permutations resolve p values down to 1/(R + 1). */
  readonly significance?: number;
  /** Number of permutations R. */
  readonly permutations?: number;
  /** Fewest values between two changes, at least 2. */
  readonly minLength?: number;
  /** Smallest change: |log(after / before)| ≥ log(1 + d) for this d; 0 keeps every change. */
  readonly minMagnitude?: number;
  readonly seed?: number;
}

/**
 * Finds the level shifts of a series by E-divisive: hierarchical estimation with a permutation
 * test.
 *
 * Each step tests the best cut over all segments found so far. It permutes the values within each
 * segment, and p = (1 + permutations whose best cut is at least as good) / (R + 1). A cut with p ≤
 * `significance` is kept, and the next step follows; a larger p ends the search. A test stops early
 * once p can no longer be small enough. Finally, cuts smaller than `minMagnitude` are removed, the
 * smallest first, and medians are recomputed after each removal.
 *
 * Every call tests the whole series again, so p is not an error rate over a growing series. Changes
 * are advisory and do not fail a job.
 *
 * Source: Matteson and James, J. Am. Stat. Assoc. 109, 2014, section 2 (E-divisive), α = 1.
 *
 * @param series positive finite numbers, oldest first, any unit; run time is proportional to its
 *   length squared times R
 * @returns ascending by index; deterministic
 * @throws {RangeError} A value is not positive and finite, or an option is out of its range.
 */
export function changePoints(
  series: readonly number[],
  options: ChangePointOptions = {},
): ChangePoint[] {
  const {
    significance = 0.001,
    permutations = 999,
    minLength = 3,
    minMagnitude = 0,
    seed = 1,
  } = options;
  if (!series.every((value) => Number.isFinite(value) && value > 0))
    throw new RangeError('change points need positive, finite values');
  if (!Number.isInteger(minLength) || minLength < 2)
    throw new RangeError(`a segment has at least 2 values, not ${minLength}`);
  if (!(minMagnitude >= 0)) throw new RangeError(`expected a magnitude ≥ 0, not ${minMagnitude}`);
  if (!Number.isInteger(permutations) || 1 / (permutations + 1) > significance) {
    throw new RangeError(`${permutations} permutations cannot show a p value of ${significance}`);
  }
  const values = Float64Array.from(series);
  const next = random(seed);
  let segments = [new Segment(values, 0, minLength, next)];
  const found: { index: number; pValue: number }[] = [];
  for (;;) {
    const candidate = segments.reduce((best, segment) =>
      segment.statistic > best.statistic ? segment : best,
    );
    if (candidate.split === null) break;
    const pValue = permutationPValue(segments, candidate.statistic, permutations, significance);
    if (pValue > significance) break;
    const { index } = candidate.split;
    found.push({ index, pValue });
    const halves = [
      new Segment(
        candidate.values.subarray(0, index - candidate.start),
        candidate.start,
        minLength,
        next,
      ),
      new Segment(candidate.values.subarray(index - candidate.start), index, minLength, next),
    ];
    segments = segments.flatMap((segment) => (segment === candidate ? halves : [segment]));
  }
  return largeEnough(
    series,
    found.sort((a, b) => a.index - b.index),
    Math.log1p(minMagnitude),
  );
}

/**
 * A segment, its best cut, and the best cuts of its permutations, computed on demand and cached.
 */
class Segment {
  /** The best cut, with its index in the whole series; null if the segment is too short. */
  readonly split: Split | null;
  private readonly permuted: Float64Array;
  private readonly statistics: number[] = [];

  constructor(
    readonly values: Float64Array,
    readonly start: number,
    private readonly minLength: number,
    private readonly next: Random,
  ) {
    const split = bestSplit(values, minLength);
    this.split = split === null ? null : { ...split, index: start + split.index };
    this.permuted = values.slice();
  }

  get statistic(): number {
    return this.split?.statistic ?? -Infinity;
  }

  /** Returns the statistic of the best cut of the segment's n-th permutation. */
  permutedStatistic(n: number): number {
    if (this.split === null) return -Infinity;
    while (this.statistics.length <= n) {
      shuffle(this.permuted, this.next);
      this.statistics.push(bestSplit(this.permuted, this.minLength)!.statistic);
    }
    return this.statistics[n]!;
  }
}

/** Returns the p value of the best cut; if it exceeds `significance`, only a lower bound of it. */
function permutationPValue(
  segments: readonly Segment[],
  observed: number,
  permutations: number,
  significance: number,
): number {
  // Sums of the same distances in another order differ by rounding; those count as equal.
  const threshold = observed - 1e-9 * Math.abs(observed);
  let reached = 1;
  for (let n = 0; n < permutations && reached / (permutations + 1) <= significance; n += 1) {
    if (segments.some((segment) => segment.permutedStatistic(n) >= threshold)) reached += 1;
  }
  return reached / (permutations + 1);
}

/** Shuffles in place by Fisher and Yates. */
function shuffle(values: Float64Array, next: Random): void {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const pick = randomInteger(next, last + 1);
    [values[last], values[pick]] = [values[pick]!, values[last]!];
  }
}

/**
 * Removes changes whose medians differ by less than `least` in logarithms, the smallest first.
 */
function largeEnough(
  series: readonly number[],
  found: readonly { index: number; pValue: number }[],
  least: number,
): ChangePoint[] {
  const points = found.map(({ index, pValue }, place): ChangePoint => {
    const before = median(series.slice(found[place - 1]?.index ?? 0, index));
    const after = median(series.slice(index, found[place + 1]?.index ?? series.length));
    return { index, before, after, ratio: after / before, pValue };
  });
  const size = ({ ratio }: ChangePoint): number => Math.abs(Math.log(ratio));
  const smallest = points.reduce<ChangePoint | null>(
    (least_, point) => (least_ === null || size(point) < size(least_) ? point : least_),
    null,
  );
  if (smallest === null || size(smallest) >= least) return points;
  return largeEnough(
    series,
    found.filter(({ index }) => index !== smallest.index),
    least,
  );
}
