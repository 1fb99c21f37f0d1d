import type { JobComparison } from '../contract/comparison.js';
import type { Host } from '../contract/host.js';
import { falseAlarmRate } from '../statistics/false-alarm-rate.js';

/** One comparison of head with base where there is no difference. */
export interface SameComparison {
  readonly workload: string;
  readonly variant: string;
  readonly hostFingerprint: string;
  /** Its verdict was a difference. */
  readonly alarm: boolean;
}

/**
 * What an A/A job says about its host: whether the first batch called a difference, per variant and workload. Changes
 * of overhead are made of the same runs and are not counted; what ran one and the same binary on both sides shows no
 * layout and is not either. Nothing where the samples are of more than one host.
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
  /** Those that called a difference. */
  readonly alarms: number;
}

/** How often a host called a difference between a side and itself. */
export function calibrate({ alarms, comparisons }: Alarms): Calibration {
  return falseAlarmRate(alarms, comparisons);
}

/** Why the verdicts of these hosts only advise; empty where they do more. */
export function advisoryReasons(
  hosts: readonly ({ readonly digest: string } & Calibration)[],
): string[] {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  return hosts
    .filter(({ advisory }) => advisory)
    .map(
      ({ digest, alarms, comparisons, rate, low, high, nominal }) =>
        `host ${digest} called a difference in ${alarms} of ${comparisons} A/A comparisons: ${percent(rate!)} (95 % interval ${percent(low)} to ${percent(high)}), where ${percent(nominal)} are expected`,
    );
}
