import { clopperPearson } from './clopper-pearson.js';

/** What comparisons of the same with the same say about a host. */
export interface FalseAlarmRate {
  /** Comparisons whose verdict was a difference. */
  readonly alarms: number;
  readonly comparisons: number;
  /** alarms / comparisons; null without comparisons. */
  readonly rate: number | null;
  /** Exact 95 % interval of the rate. */
  readonly low: number;
  readonly high: number;
  /** The rate that there may be at most. */
  readonly nominal: number;
  /** The rate is above nominal for certain enough: verdicts from this host advise and must not block. */
  readonly advisory: boolean;
}

/** The rate that the verdicts promise: either edge of the band is crossed in at most so many comparisons. */
const NOMINAL = 0.025;

/**
 * How often A/A comparisons (two variants that are the same) called a difference.
 *
 * `advisory` when the lower end of the Clopper-Pearson interval lies above nominal. The interval takes the comparisons
 * as independent: those of one job share its blocks, so count one per job or read it with care.
 *
 * @param alarms comparisons whose verdict was a difference
 * @throws RangeError if there are more alarms than comparisons
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
