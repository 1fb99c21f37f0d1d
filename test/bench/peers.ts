import { median } from '../../services/statistics/median.js';
import { studentCdf } from '../../services/statistics/student-t.js';

/** Wall times of twelve runs of either side. A peer measures one side after the other: these did not run in turns. */
export interface Sequential {
  readonly head: readonly number[];
  readonly base: readonly number[];
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/**
 * Welch's t test, two-sided: what hyperfine's `scripts/welch_ttest.py` does with the times of two commands.
 *
 * Source: Welch, "The Generalization of Student's Problem", Biometrika 34, 1947.
 *
 * @returns p value
 */
export function welchPValue({ head, base }: Sequential): number {
  const [a, b] = [variance(head) / head.length, variance(base) / base.length];
  const degrees = (a + b) ** 2 / (a ** 2 / (head.length - 1) + b ** 2 / (base.length - 1));
  return 2 * studentCdf(-Math.abs(mean(head) - mean(base)) / Math.sqrt(a + b), degrees);
}

/** github-action-benchmark: an alert where the new value over the previous one is above `alert-threshold` (200 % unless set). */
const ratioAbove =
  (threshold: number) =>
  ({ head, base }: Sequential) =>
    mean(head) / mean(base) > threshold;

/** Whether a peer calls head slower. */
export const PEERS: Record<string, (runs: Sequential) => boolean> = {
  'github-action-benchmark, 200 %': ratioAbove(2),
  'github-action-benchmark, 105 %': ratioAbove(1.05),
  'hyperfine medians, Welch t test': (runs) =>
    median(runs.head) > median(runs.base) && welchPValue(runs) < 0.05,
};
