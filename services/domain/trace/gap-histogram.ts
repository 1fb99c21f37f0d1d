// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Times between records of one event, counted in bins whose width grows with the time: exact below
 * 128 ns, then 64 bins per power of two. So the middle of a bin is at most 1/128 from any value in
 * it.
 * @see HdrHistogram, which has the same idea: http://hdrhistogram.org
 */
import type { InterArrival } from '#contract/trace.js';
import type { EventSummary } from './native/records.js';

/** Returns the summary of counted gaps; null without any. */
export function gapSummary({
  count,
  minNs,
  maxNs,
  sumNs,
  bins,
}: EventSummary['gaps']): InterArrival | null {
  if (count === 0) return null;
  // The smallest gap with at least `share` of all gaps at or below it, as its bin's middle.
  const quantile = (share: number) => {
    let rest = Math.ceil(share * count);
    const bin = bins.findIndex((gaps) => (rest -= gaps) <= 0);
    return digits(Math.min(maxNs, Math.max(minNs, middleOf(bin))));
  };
  return {
    count: String(count),
    minNs: digits(minNs),
    meanNs: sumNs / count,
    p50Ns: quantile(0.5),
    p90Ns: quantile(0.9),
    p99Ns: quantile(0.99),
    p999Ns: quantile(0.999),
    maxNs: digits(maxNs),
  };
}

const digits = (ns: number): string => BigInt(Math.round(ns)).toString();

function middleOf(bin: number): number {
  if (bin < 128) return bin;
  const shift = Math.floor(bin / 64) - 1;
  return (bin - 64 * shift) * 2 ** shift + (2 ** shift - 1) / 2;
}
