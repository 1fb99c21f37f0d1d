// SPDX-License-Identifier: GPL-2.0-or-later
import type uPlot from 'uplot';
import type { Sample } from '#contract/sample.js';
import { bytes, count } from '../../format/numbers.js';
import { noiseText } from './noise.js';
import type { Point } from './points.js';
import type { ValueScale } from './value-scale.js';

/** Maximum distance in px between the pointer and its sample. */
const REACH = 40;

/** Returns the index of the sample nearest to the pointer; null without one in reach. */
export function nearest(
  plot: uPlot,
  points: readonly Point[],
  scale: ValueScale,
  left: number,
  top: number,
): number | null {
  let [best, distance] = [null as number | null, REACH];
  points.forEach(({ x, y }, index) => {
    const away = Math.hypot(plot.valToPos(x, 'x') - left, plot.valToPos(scale.place(y), 'y') - top);
    if (away < distance) [best, distance] = [index, away];
  });
  return best;
}

/** Returns the index of the sample that a key leads to; null for any other key. */
export function stepped(key: string, from: number | null, points: readonly Point[]): number | null {
  const last = points.length - 1;
  const here = from ?? -1;
  const toBlock = (forward: boolean) => {
    const block = points[from ?? 0]?.sample.block ?? 0;
    const found = forward
      ? points.findIndex(({ sample }) => sample.block > block)
      : points.findLastIndex(({ sample }) => sample.block < block);
    return found === -1 ? Math.max(0, here) : found;
  };
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, here + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, here - 1);
    case 'PageDown':
      return toBlock(true);
    case 'PageUp':
      return toBlock(false);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Describes a sample in words. */
export function describe({ sample, variant, y, turn, turns }: Point, scale: ValueScale): string {
  const block =
    sample.kind === 'instructions'
      ? `instruction sample ${sample.block}`
      : sample.block === 0
        ? 'warm-up block'
        : `block ${sample.block}${sample.batch > 1 ? ' (second batch)' : ''}`;
  return [
    variant,
    block,
    `run ${turn} of ${turns}`,
    scale.text(y),
    ...drawn(sample),
    noiseText(sample.noise),
  ].join(' · ');
}

/**
 * Returns the conditions that were drawn at random for a run: link, CPU, work, environment and
 * stack.
 */
function drawn({ link, cpus, size, sizeValue, environmentBytes, stackBytes }: Sample): string[] {
  const parts = [
    link === null ? null : `link ${link}`,
    cpus === '' ? null : `CPU ${cpus}`,
    sizeValue === null ? null : `${size} (${count(sizeValue)})`,
    environmentBytes === 0 ? null : `environment +${count(environmentBytes)} B`,
    stackBytes === 0 ? null : `stack limit ${bytes(stackBytes)}`,
  ];
  return parts.filter((part) => part !== null);
}
