import type { Moved, RatioInterval } from '../contract/comparison.js';
import type { Judge } from './judging.js';
import { isCounted, metricValue } from './metric-values.js';
import { logRatiosOf, type Pair } from './pairs.js';

/** The ratio of processor time, which is sharper than wall time and does not see waiting; null without an interval. */
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

/** Which of both times differs: its interval leaves out 1. Null without both. */
export function movedOf(wall: RatioInterval | null, processor: RatioInterval | null): Moved | null {
  if (wall === null || processor === null) return null;
  const differs = ({ low, high }: RatioInterval) => low > 1 || high < 1;
  if (differs(wall)) return differs(processor) ? 'both' : 'wall';
  return differs(processor) ? 'processor' : 'neither';
}

/**
 * Whether one of two cells has run a single link in several blocks: layout was drawn once, and is part of the ratio.
 * Layout does not change how many instructions are executed.
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

/** Whether both runs of every pair executed the same bytes with the same inputs. */
export function ranSameBinary(pairs: readonly Pair[]): boolean {
  return (
    pairs.length > 0 &&
    pairs.every(
      ({ candidate, reference }) =>
        candidate.buildKey === reference.buildKey && candidate.link === reference.link,
    )
  );
}
