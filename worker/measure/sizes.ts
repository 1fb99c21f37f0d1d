// SPDX-License-Identifier: GPL-2.0-or-later
import type { PlannedWorkload } from '#contract/job.js';
import type { Sample } from '#contract/sample.js';
import { middleSize } from '#domain/schedule.js';
import type { Run } from './run.js';

/** Target run time of a full run: a run of 50 to 100 ms sees the host in a single state. */
const RUN_NS = 75e6;
/** Minimum run time of a full run, in multiples of an empty one. */
const TIMES_EMPTY = 5;
const CLOSE = 0.15;
/** Work of a short run, as a fraction of the full work: callgrind takes some seconds for it. */
const SHORT_SHARE = 0.02;
const TRIES = 5;
const RUNS_EACH = 3;
/** Empty runs are short, and an error in their time counts five times. */
const EMPTY_RUNS = 9;
/**
 * Largest growth between two tries: a try whose work is lost in noise must not make the next
 * endless.
 */
const MOST_GROWTH = 16;

/** Values of a workload's size parameter. */
export interface Sizes {
  readonly empty: number;
  readonly full: number;
}

/** Returns the parameter's value for a size; null if the workload cannot be scaled. */
export function sizeValueOf(sizes: Sizes | null, size: Run['size']): number | null {
  if (sizes === null) return null;
  if (size === 'short') return Math.round(sizes.empty + (sizes.full - sizes.empty) * SHORT_SHARE);
  return size === 'middle' ? middleSize(sizes.empty, sizes.full) : sizes[size];
}

/**
 * Chooses the sizes of a workload: from the plan, else from stored samples, else so that a full run
 * takes 75 ms or five times as long as an empty run, whichever is longer.
 *
 * @param stored Samples of the job; all attempts must use the same sizes to be comparable.
 * @param wallNs Runs the baseline once with a value of the size parameter.
 */
export async function chooseSizes(
  { label, size, parameters }: PlannedWorkload,
  stored: readonly Sample[],
  wallNs: (value: number) => Promise<number>,
): Promise<Sizes | null> {
  if (size === null) return null;
  const { empty, full, parameter, minimum, maximum } = size;
  if (full !== null) return { empty, full };
  const before = stored.find((sample) => sample.workload === label && sample.size === 'full');
  if (before !== undefined && before.sizeValue !== null) return { empty, full: before.sizeValue };

  const emptyNs = await leastNs(wallNs, empty, EMPTY_RUNS);
  const aimNs = Math.max(RUN_NS, TIMES_EMPTY * emptyNs) - emptyNs;
  let value = parameters[parameter]!;
  let last: { value: number; workNs: number } | null = null;
  let exponent = 1;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const workNs = Math.max(1, (await leastNs(wallNs, value)) - emptyNs);
    if (Math.abs(workNs / aimNs - 1) <= CLOSE) break;
    // Work may grow with a power of the parameter.
    if (last !== null && last.value !== value && last.workNs > 1 && workNs > 1) {
      const seen = Math.log(workNs / last.workNs) / Math.log(value / last.value);
      if (seen >= 0.5 && seen <= 4) exponent = seen;
    }
    last = { value, workNs };
    const growth = Math.min((aimNs / workNs) ** (1 / exponent), MOST_GROWTH);
    const next = twoDigits(value * growth);
    value = Math.min(Math.max(next, minimum), maximum);
    if (value === last.value) break;
  }
  return { empty, full: value };
}

/**
 * Returns the wall time of the shortest of several runs, in ns. A mean or a single run would let a
 * disturbed run, or one that filled caches, decide the size.
 */
async function leastNs(
  wallNs: (value: number) => Promise<number>,
  value: number,
  runs = RUNS_EACH,
): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < runs; run += 1) least = Math.min(least, await wallNs(value));
  return least;
}

/** Rounds to two digits, which are easy to read. */
function twoDigits(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.max(1, Math.round(value / unit) * unit);
}
