// SPDX-License-Identifier: GPL-2.0-or-later
import { inverseIncompleteBeta } from './incomplete-beta.js';
import type { Interval } from './signed-rank-interval.js';

/**
 * Returns the exact interval of a probability from k events in n trials. Its coverage is at least
 * the requested level.
 *
 * Ends: the α/2 quantile of Beta(k, n - k + 1), 0 if k = 0, and the 1 - α/2 quantile of Beta(k + 1,
 * n - k), 1 if k = n.
 *
 * Source: Clopper and Pearson, "The Use of Confidence or Fiducial Limits", Biometrika 26, 1934.
 *
 * @param events k, an integer from 0 to n
 * @param trials n, an integer from 0; without trials the interval is [0, 1]
 * @throws {RangeError} The integers are out of range.
 */
export function clopperPearson(events: number, trials: number, confidence = 0.95): Interval {
  if (!Number.isInteger(events) || !Number.isInteger(trials) || events < 0 || trials < events) {
    throw new RangeError(`expected integers 0 ≤ events ≤ trials, not ${events} of ${trials}`);
  }
  const tail = (1 - confidence) / 2;
  return {
    low: events === 0 ? 0 : inverseIncompleteBeta(tail, events, trials - events + 1),
    high: events === trials ? 1 : inverseIncompleteBeta(1 - tail, events + 1, trials - events),
    confidence,
  };
}
