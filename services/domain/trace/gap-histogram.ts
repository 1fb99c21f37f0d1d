// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Counts the times between records of one event in bins whose width grows with the time: exact
 * below 128 ns, then 64 bins per power of two. So the middle of a bin is at most 1/128 from any
 * value in it.
 * @see HdrHistogram, which has the same idea: http://hdrhistogram.org
 */
import type { InterArrival } from '#contract/trace.js';

const BINS = 64 * 59; // up to 2^63

export class GapHistogram {
  #count = 0;
  #sumNs = 0;
  #minNs = Infinity;
  #maxNs = 0;
  readonly #bins = new Uint32Array(BINS);

  /** Counts one gap, given as the two words of a number of ns below 2^63. */
  add(high: number, low: number): void {
    const gapNs = high * 2 ** 32 + low;
    this.#count += 1;
    this.#sumNs += gapNs;
    if (gapNs < this.#minNs) this.#minNs = gapNs;
    if (gapNs > this.#maxNs) this.#maxNs = gapNs;
    this.#bins[binOf(high, low, gapNs)]! += 1;
  }

  /** Returns the summary; null if no gap was counted. */
  summary(): InterArrival | null {
    if (this.#count === 0) return null;
    return {
      count: String(this.#count),
      minNs: digits(this.#minNs),
      meanNs: this.#sumNs / this.#count,
      p50Ns: digits(this.#quantile(0.5)),
      p90Ns: digits(this.#quantile(0.9)),
      p99Ns: digits(this.#quantile(0.99)),
      p999Ns: digits(this.#quantile(0.999)),
      maxNs: digits(this.#maxNs),
    };
  }

  /**
   * Returns the smallest gap with at least `share` of all gaps at or below it, as its bin's middle.
   */
  #quantile(share: number): number {
    let rest = Math.ceil(share * this.#count);
    const bin = this.#bins.findIndex((count) => (rest -= count) <= 0);
    return Math.min(this.#maxNs, Math.max(this.#minNs, middleOf(bin)));
  }
}

const digits = (ns: number): string => BigInt(Math.round(ns)).toString();

function binOf(high: number, low: number, gapNs: number): number {
  if (high === 0 && low < 128) return low;
  const exponent = high !== 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(low);
  const shift = exponent - 6;
  return 64 * shift + (high === 0 ? low >>> shift : Math.min(127, Math.floor(gapNs / 2 ** shift)));
}

function middleOf(bin: number): number {
  if (bin < 128) return bin;
  const shift = Math.floor(bin / 64) - 1;
  return (bin - 64 * shift) * 2 ** shift + (2 ** shift - 1) / 2;
}
