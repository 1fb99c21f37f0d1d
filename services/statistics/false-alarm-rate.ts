// SPDX-License-Identifier: GPL-2.0-or-later
import { clopperPearson } from './clopper-pearson.js';

/** The false-alarm rate of a host, from comparisons of equal variants. */
export interface FalseAlarmRate {
  /** Comparisons whose verdict was a difference. */
  readonly alarms: number;
  readonly comparisons: number;
  /** alarms / comparisons; null without comparisons. */
  readonly rate: number | null;
  /** Exact 95 % interval of the rate. */
  readonly low: number;
  readonly high: number;
  /** Largest acceptable rate. */
  readonly nominal: number;
  /** The rate is significantly above nominal: verdicts from this host are advisory. */
  readonly advisory: boolean;
}

/**
 * The rate that verdicts guarantee: the share of comparisons that cross either edge of the band.
 */
const NOMINAL = 0.025;

/**
 * Returns how often A/A comparisons (of two equal variants) reported a difference.
 *
 * `advisory` is true if the lower end of the Clopper-Pearson interval lies above nominal. The
 * interval assumes independent comparisons. Comparisons in one job share its blocks, so count one
 * per job, or treat the interval with caution.
 *
 * @param alarms comparisons whose verdict was a difference
 * @throws {RangeError} There are more alarms than comparisons.
 */
export function falseAlarmRate(
  alarms: number,
  comparisons: number,
  nominal = NOMINAL,
): FalseAlarmRate {
  const { low, high } = clopperPearson(alarms, comparisons);
  return {
    alarms,
    comparisons,
    rate: comparisons === 0 ? null : alarms / comparisons,
    low,
    high,
    nominal,
    advisory: low > nominal,
  };
}
