// SPDX-License-Identifier: GPL-2.0-or-later
import { median } from '#statistics/median.js';
import { studentCdf, studentQuantile } from '#statistics/student-t.js';

/** Wall times of the runs of both sides, in ns. */
export interface Runs {
  readonly head: readonly number[];
  readonly base: readonly number[];
}

/** The runs of one comparison in the peers' forms. */
export interface PeerRuns {
  /**
   * One side after the other, like most peers: base runs of the first half of the blocks, head runs
   * of the second.
   */
  readonly sequential: Runs;
  /** All runs, with head and base of a block at the same index: interleaved runs. */
  readonly inTurns: Runs;
  /** Means of the base in earlier comparisons, oldest first: the values of a result history. */
  readonly history: readonly number[];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function squares(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

const variance = (values: readonly number[]) => squares(values) / (values.length - 1);

/**
 * Two-sided Welch's t test, used by hyperfine's `scripts/welch_ttest.py` on the times of two
 * commands.
 * @returns p value
 * @see Welch, "The Generalization of Student's Problem", Biometrika 34, 1947.
 */
function welchPValue({ head, base }: Runs): number {
  const [a, b] = [variance(head) / head.length, variance(base) / base.length];
  const degrees = (a + b) ** 2 / (a ** 2 / (head.length - 1) + b ** 2 / (base.length - 1));
  return 2 * studentCdf(-Math.abs(mean(head) - mean(base)) / Math.sqrt(a + b), degrees);
}

/**
 * Rule of github-action-benchmark: alerts if the new value divided by the previous one exceeds
 * `alert-threshold` (200 % by default).
 */
const ratioAbove =
  (threshold: number) =>
  ({ sequential: { head, base } }: PeerRuns) =>
    mean(head) / mean(base) > threshold;

/**
 * Rule of tango-bench 0.6: the mean of paired differences is significant if it is at least 2.6
 * standard errors and 0.5 % of the base's mean away from 0.
 * @see `DiffEstimate::build` of tango-bench/src/lib.rs, https://github.com/bazhenov/tango.
 */
function tangoSlower(differences: readonly number[], base: readonly number[]): boolean {
  const centre = mean(differences);
  const z = centre / Math.sqrt(variance(differences) / differences.length);
  return z >= 2.6 && centre / mean(base) > 0.005;
}

const differencesOf = ({ head, base }: Runs) => head.map((value, index) => value - base[index]!);

/**
 * Removes outliers like `--filter-outliers` of tango-bench 0.6: counts the differences that lie 1.5
 * interquartile ranges below the first quartile and removes that number at either end.
 * @see `iqr_variance_thresholds` of tango-bench/src/lib.rs.
 */
function withoutOutliers(runs: Runs): { differences: number[]; base: number[] } {
  const pairs = differencesOf(runs)
    .map((difference, index) => ({ difference, base: runs.base[index]! }))
    .sort((a, b) => a.difference - b.difference);
  const first = pairs[Math.floor(pairs.length / 4)]!.difference;
  const third = pairs[Math.floor((pairs.length * 3) / 4) - 1]!.difference;
  const low = first - 1.5 * Math.max(1, third - first);
  const outliers = pairs.filter(({ difference }) => difference < low).length;
  const left = pairs.slice(outliers, pairs.length - outliers);
  return {
    differences: left.map(({ difference }) => difference),
    base: left.map(({ base }) => base),
  };
}

/**
 * Rule of Bencher: t-test threshold with an upper boundary of 0.99 and the newest 64 values, the
 * settings of its documentation. Alerts if the new value exceeds that quantile of Student's t
 * around the history's mean, with the history's (population) standard deviation as scale. Fewer
 * than two values never alert.
 * @see https://bencher.dev/docs/explanation/thresholds/; `new_normal` and `std_deviation` of
 * lib/bencher_boundary, https://github.com/bencherdev/bencher.
 */
function bencherSlower({ inTurns: { head }, history }: PeerRuns): boolean {
  const values = history.slice(-64);
  if (values.length < 2) return false;
  const scale = Math.sqrt(squares(values) / values.length);
  return mean(head) > mean(values) + studentQuantile(0.99, values.length - 1) * scale;
}

/** The peers' rules: each returns whether the peer calls head slower. */
export const PEERS: Record<string, (runs: PeerRuns) => boolean> = {
  'github-action-benchmark, 200 %': ratioAbove(2),
  'github-action-benchmark, 105 %': ratioAbove(1.05),
  'hyperfine medians, Welch t test': ({ sequential }) =>
    median(sequential.head) > median(sequential.base) && welchPValue(sequential) < 0.05,
  tango: ({ inTurns }) => tangoSlower(differencesOf(inTurns), inTurns.base),
  'tango, outliers filtered': ({ inTurns }) => {
    const { differences, base } = withoutOutliers(inTurns);
    return tangoSlower(differences, base);
  },
  'Bencher, t test 0.99': bencherSlower,
};
