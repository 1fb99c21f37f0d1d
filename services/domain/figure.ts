// SPDX-License-Identifier: GPL-2.0-or-later
import type { Figure } from '#contract/comparison.js';
import { isSupported } from '#contract/interval-words.js';

/** A bound is shown if it is at most this share of a run. */
const TELLING_SHARE = 0.1;

/** A larger bound per event is not shown, regardless of the number of events. */
const TELLING_NS_PER_EVENT = 1_000;

/** The scale that a figure is compared with. */
export interface Scale {
  /** Wall time of a run of the reference. */
  readonly wallNs: number;
  /** Events in a run of the variant. */
  readonly events: number;
}

/**
 * Returns a figure with its interval, and decides what part of it is shown.
 *
 * The value is shown if the interval extends by at most the value on either side. Otherwise the
 * upper end is shown as a bound, if it adds up to at most a tenth of a run and, per event, to at
 * most a microsecond. Otherwise nothing is shown: −6289 [−16298, 80964] ns is noise. Nor is the
 * figure of fewer blocks than an interval takes.
 *
 * @param estimate null before an interval exists.
 * @param times Number of times that a run pays the figure.
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
  const enough = isSupported(estimate);
  const supported = Math.max(high - value, value - low) <= Math.abs(value);
  const bound = Math.max(Math.abs(low), Math.abs(high));
  const telling =
    bound * times <= TELLING_SHARE * wallNs && (times === 1 || bound <= TELLING_NS_PER_EVENT);
  return {
    value,
    low,
    high,
    confidence,
    shown: !enough ? 'nothing' : supported ? 'value' : telling ? 'bound' : 'nothing',
  };
}
