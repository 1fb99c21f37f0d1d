// SPDX-License-Identifier: GPL-2.0-or-later
import type { Moved, RatioInterval } from '#contract/comparison.js';
import { isSupported } from '#contract/interval-words.js';
import type { Judge } from './judging.js';
import { isCounted, metricValue } from './metric-values.js';
import { logRatiosOf, type Pair } from './pairs.js';

/**
 * Returns the ratio of processor time, which is less noisy than wall time but does not include
 * waiting; null without an interval.
 */
export function processorRatio(
  judge: Judge,
  pairs: readonly Pair[],
  threshold: number,
): RatioInterval | null {
  const ratios = logRatiosOf(pairs, metricValue('cpuNs'));
  return ratios === null
    ? null
    : (judge.estimate([...ratios.values()], threshold)?.interval ?? null);
}

/**
 * Returns which of both times differs, that is, whose interval excludes 1; null without both, or
 * with too few blocks.
 */
export function movedOf(wall: RatioInterval | null, processor: RatioInterval | null): Moved | null {
  if (wall === null || processor === null) return null;
  if (!isSupported(wall) || !isSupported(processor)) return null;
  const differs = ({ low, high }: RatioInterval) => low > 1 || high < 1;
  if (differs(wall)) return differs(processor) ? 'both' : 'wall';
  return differs(processor) ? 'processor' : 'neither';
}

/**
 * Returns whether the candidate or the reference ran the same link in all of several blocks. Its
 * layout was then drawn only once and is part of the ratio. Instruction counts do not depend on
 * layout.
 */
export function hasOneBuild(metric: string, pairs: readonly Pair[]): boolean {
  const links = (runs: readonly { readonly link: number | null }[]) =>
    new Set(runs.map(({ link }) => link)).size;
  return (
    !isCounted(metric) &&
    pairs.length > 1 &&
    (links(pairs.map(({ candidate }) => candidate)) === 1 ||
      links(pairs.map(({ reference }) => reference)) === 1)
  );
}

/** Returns whether both runs of every pair used the same build and link. */
export function ranSameBinary(pairs: readonly Pair[]): boolean {
  return (
    pairs.length > 0 &&
    pairs.every(
      ({ candidate, reference }) =>
        candidate.buildKey === reference.buildKey && candidate.link === reference.link,
    )
  );
}
