import type { Figure } from '../contract/comparison.js';

/** A bound says something where it is below this share of a run. */
const TELLING_SHARE = 0.1;

/** A larger bound on an event says nothing, however few events there are. */
const TELLING_NS_PER_EVENT = 1_000;

/** What a figure is small or large against. */
export interface Scale {
  /** Of a run of the reference. */
  readonly wallNs: number;
  /** Of a run of the variant. */
  readonly events: number;
}

/**
 * A figure with its interval, and what of it may be shown.
 *
 * The value is shown where the interval is no wider than the value on either side. Else the upper end is shown as a
 * bound where it adds up to less than a tenth of a run and, for an event, is below a microsecond. Else nothing is: −6289 [−16298, 80964] ns is noise.
 *
 * @param estimate null while there is no interval
 * @param times how often a run pays the figure
 */
export function toFigure(
  estimate: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly confidence: number;
  } | null,
  { wallNs }: Scale,
  times: number,
): Figure | null {
  if (estimate === null) return null;
  const { value, low, high, confidence } = estimate;
  const supported = Math.max(high - value, value - low) <= Math.abs(value);
  const bound = Math.max(Math.abs(low), Math.abs(high));
  const telling =
    bound * times <= TELLING_SHARE * wallNs && (times === 1 || bound <= TELLING_NS_PER_EVENT);
  return {
    value,
    low,
    high,
    confidence,
    shown: supported ? 'value' : telling ? 'bound' : 'nothing',
  };
}
