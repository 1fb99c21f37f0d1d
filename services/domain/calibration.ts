// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobComparison } from '#contract/comparison.js';
import type { Host } from '#contract/host.js';
import { falseAlarmRate } from '#statistics/false-alarm-rate.js';

/** Days for which an A/A comparison counts as evidence about its host. */
export const EVIDENCE_DAYS = 90;

/** One comparison of head with an identical base. */
export interface SameComparison {
  readonly workload: string;
  readonly variant: string;
  readonly hostFingerprint: string;
  /** Its verdict was a difference. */
  readonly alarm: boolean;
}

/**
 * Returns the outcome of an A/A job for its host: whether the first batch reported a difference,
 * per variant and workload. Changes of overhead are not counted, as they use the same runs.
 * Comparisons that ran one binary on both sides are not counted either, as they do not include
 * layout. Empty if the samples come from more than one host.
 */
export function sameComparisons(comparison: JobComparison): SameComparison[] {
  const [hostFingerprint, ...others] = comparison.hostFingerprints;
  if (!comparison.same || hostFingerprint === undefined || others.length > 0) return [];
  return comparison.sides
    .filter(({ verdict }) => verdict !== 'same-binary')
    .map(({ workload, variant, verdict, suspected }) => ({
      workload,
      variant,
      hostFingerprint,
      alarm: suspected || verdict === 'regression' || verdict === 'improvement',
    }));
}

export type Calibration = Pick<
  Host,
  'comparisons' | 'alarms' | 'rate' | 'low' | 'high' | 'nominal' | 'advisory'
>;

/** Counts of A/A comparisons. */
export interface Alarms {
  readonly comparisons: number;
  /** Comparisons that reported a difference. */
  readonly alarms: number;
}

/** Returns a host's false-alarm rate: how often it reported a difference between equal sides. */
export function calibrate({ alarms, comparisons }: Alarms): Calibration {
  return falseAlarmRate(alarms, comparisons);
}

/** Returns why the verdicts of these hosts are advisory; empty if they are binding. */
export function advisoryReasons(
  hosts: readonly ({ readonly digest: string } & Calibration)[],
): string[] {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  return hosts
    .filter(({ advisory }) => advisory)
    .map(
      ({ digest, alarms, comparisons, rate, low, high, nominal }) =>
        `host ${digest} called a difference in ${alarms} of ${comparisons} A/A comparisons: ` +
        `${percent(rate!)} (95 % interval ${percent(low)} to ${percent(high)}), ` +
        `where ${percent(nominal)} are expected`,
    );
}
