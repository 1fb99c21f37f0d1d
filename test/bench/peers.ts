import { median } from '../../services/statistics/median.js';
import { studentCdf, studentQuantile } from '../../services/statistics/student-t.js';

/** Wall times of runs of either side, in ns. */
export interface Runs {
  readonly head: readonly number[];
  readonly base: readonly number[];
}

/** The runs of one comparison, as the peers would have them. */
export interface PeerRuns {
  /** One side after the other, as most peers measure: the base runs of the first half of the blocks, the head runs of the second. */
  readonly sequential: Runs;
  /** All runs, head and base of a block at the same place: runs in turns. */
  readonly inTurns: Runs;
  /** Means of the base in earlier comparisons, oldest first: what a history of results holds. */
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
 * Welch's t test, two-sided: what hyperfine's `scripts/welch_ttest.py` does with the times of two commands.
 *
 * Source: Welch, "The Generalization of Student's Problem", Biometrika 34, 1947.
 *
 * @returns p value
 */
export function welchPValue({ head, base }: Runs): number {
  const [a, b] = [variance(head) / head.length, variance(base) / base.length];
  const degrees = (a + b) ** 2 / (a ** 2 / (head.length - 1) + b ** 2 / (base.length - 1));
  return 2 * studentCdf(-Math.abs(mean(head) - mean(base)) / Math.sqrt(a + b), degrees);
}

/** github-action-benchmark: an alert where the new value over the previous one is above `alert-threshold` (200 % unless set). */
const ratioAbove =
  (threshold: number) =>
  ({ sequential: { head, base } }: PeerRuns) =>
    mean(head) / mean(base) > threshold;

/**
 * tango-bench 0.6: the mean of paired differences is significant where it is 2.6 standard errors and 0.5 % of the
 * base's mean away from 0.
 *
 * Source: `DiffEstimate::build` of tango-bench/src/lib.rs, https://github.com/bazhenov/tango.
 */
function tangoSlower(differences: readonly number[], base: readonly number[]): boolean {
  const centre = mean(differences);
  const z = centre / Math.sqrt(variance(differences) / differences.length);
  return z >= 2.6 && centre / mean(base) > 0.005;
}

const differencesOf = ({ head, base }: Runs) => head.map((value, index) => value - base[index]!);

/**
 * Without outliers, as `--filter-outliers` of tango-bench 0.6 has it: as many differences as lie 1.5 interquartile ranges
 * below the first quartile are left out at either end.
 *
 * Source: `iqr_variance_thresholds` of tango-bench/src/lib.rs.
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
 * Bencher, t-test threshold with an upper boundary of 0.99 and the newest 64 values, as its documentation sets it: an
 * alert where the new value is beyond that quantile of Student's t around the mean of the history, with the history's
 * standard deviation (of a population) as scale. Fewer than two values give no alert.
 *
 * Sources: https://bencher.dev/docs/explanation/thresholds/; `new_normal` and `std_deviation` of lib/bencher_boundary,
 * https://github.com/bencherdev/bencher.
 */
function bencherSlower({ inTurns: { head }, history }: PeerRuns): boolean {
  const values = history.slice(-64);
  if (values.length < 2) return false;
  const scale = Math.sqrt(squares(values) / values.length);
  return mean(head) > mean(values) + studentQuantile(0.99, values.length - 1) * scale;
}

/** Whether a peer calls head slower. */
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
