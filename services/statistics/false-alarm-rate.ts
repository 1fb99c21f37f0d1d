import { clopperPearson } from './clopper-pearson.js';

/** What comparisons of the same with the same say about a host. */
export interface FalseAlarmRate {
  /** Comparisons whose p value was at most `nominal`. */
  readonly alarms: number;
  readonly comparisons: number;
  /** alarms / comparisons; null without comparisons. */
  readonly rate: number | null;
  /** Exact 95 % interval of the rate. */
  readonly low: number;
  readonly high: number;
  /** The rate that there should be: the level of the test. */
  readonly nominal: number;
  /** The rate is above nominal for certain enough: verdicts from this host advise and must not block. */
  readonly advisory: boolean;
}

/**
 * How often A/A comparisons (two variants that are the same) called a difference.
 *
 * A p value ≤ nominal is an alarm, before adjustment and without a practical threshold: that is what the level
 * promises. `advisory` when the lower end of the Clopper-Pearson interval lies above nominal. The interval takes the
 * comparisons as independent: those of one job share its blocks, so count one per job or read it with care.
 *
 * @param pValues one in [0, 1] per A/A comparison
 * @throws RangeError if a value is not in [0, 1]
 */
export function falseAlarmRate(pValues: readonly number[], nominal = 0.05): FalseAlarmRate {
  const outside = pValues.find((value) => !(value >= 0 && value <= 1));
  if (outside !== undefined) throw new RangeError(`a p value in [0, 1], not ${outside}`);
  const alarms = pValues.filter((value) => value <= nominal).length;
  const comparisons = pValues.length;
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
