// SPDX-License-Identifier: GPL-2.0-or-later
import type uPlot from 'uplot';
import { token } from '../../components/theme.js';
import { drawLevel, drawMark, UNDRAWN, drawClipped } from './drawing.js';
import { groupsOf } from '../../format/groups.js';
import { isFirstBatch, quartiles, type Point } from './points.js';
import type { ValueScale } from './value-scale.js';
import type { VariantStyle } from './variant-mark.js';

/** Width of the value axis in px: equal in all figures over blocks, so that they align. */
const AXIS_WIDTH = 64;

export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>;

/** Returns the scale and the axis of blocks. */
function blockAxis(
  blocks: readonly number[],
  label: string | undefined,
): { scale: uPlot.Scale; axis: uPlot.Axis } {
  const [first, last] = [Math.min(...blocks), Math.max(...blocks)];
  return {
    scale: { time: false, range: [first - 0.6, last + 0.6] },
    axis: {
      incrs: [1, 2, 5, 10, 20, 50, 100, 200],
      space: 28,
      ...(label === undefined ? {} : { label, labelSize: 22 }),
      size: 28,
      grid: { show: false },
    },
  };
}

interface SamplesDrawn {
  readonly points: readonly Point[];
  readonly styles: ReadonlyMap<string, VariantStyle>;
  readonly scale: ValueScale;
  /** Number of blocks in the first batch. */
  readonly blocks: number;
  readonly onPointed: (plot: uPlot) => void;
}

/**
 * Returns the options of a plot of every sample by block, with a thin line at the median of each
 * variant's first batch.
 */
export function samplesOptions({
  points,
  styles,
  scale,
  blocks,
  onPointed,
}: SamplesDrawn): PlotOptions {
  const { scale: x, axis } = blockAxis(
    points.map(({ sample }) => sample.block),
    'block; within it, the order of its runs',
  );
  const { splits } = scale;
  return {
    legend: { show: false },
    cursor: { x: true, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x, y: { range: (_, low, high) => padded(low, high) } },
    axes: [
      axis,
      {
        label: scale.label,
        labelSize: 22,
        size: AXIS_WIDTH - 22,
        values: (_, places) => places.map((place) => scale.tick(place)),
        ...(splits === undefined ? {} : { splits: (_, __, low, high) => splits(low, high) }),
      },
    ],
    series: [{}, UNDRAWN],
    hooks: {
      setCursor: [onPointed],
      draw: [
        (plot) =>
          drawClipped(plot, (context, pixels) => {
            drawRegions(plot, context, pixels, points, blocks);
            context.lineWidth = pixels;
            for (const [variant, group] of groupsOf(points, (point) => point.variant)) {
              const { token: colour, shape } = styles.get(variant)!;
              context.fillStyle = context.strokeStyle = token(colour);
              const median = quartiles(
                group.filter(({ sample }) => isFirstBatch(sample)).map(({ y }) => y),
              )?.median;
              context.globalAlpha = 0.55;
              if (median !== undefined) drawLevel(plot, 0.5, blocks + 0.5, scale.place(median));
              context.globalAlpha = 1;
              const radius = (points.length > 1500 ? 2 : 3.4) * pixels;
              for (const { x: at, y, sample } of group)
                drawMark(
                  context,
                  shape,
                  plot.valToPos(at, 'x', true),
                  plot.valToPos(scale.place(y), 'y', true),
                  radius,
                  sample.kind === 'timed' && sample.block === 0,
                );
            }
          }),
      ],
    },
  };
}

/** Shades the warm-up block and the second batch. */
function drawRegions(
  plot: uPlot,
  context: CanvasRenderingContext2D,
  pixels: number,
  points: readonly Point[],
  blocks: number,
): void {
  const { top, height } = plot.bbox;
  const region = (from: number, to: number, name: string) => {
    const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)];
    context.fillStyle = token('--sunken');
    context.fillRect(left, top, right - left, height);
    context.fillStyle = token('--text-soft');
    context.font = `${11 * pixels}px ${token('--sans')}`;
    // A narrow region has no text; hollow marks show the warm-up all the same.
    if (context.measureText(name).width < right - left - 8 * pixels)
      context.fillText(name, left + 4 * pixels, top + 4 * pixels);
  };
  if (points.some(({ sample }) => sample.kind === 'timed' && sample.block === 0))
    region(-0.6, 0.5, 'warm-up');
  const last = points.at(-1)?.sample;
  if (last !== undefined && last.batch > 1) region(blocks + 0.5, last.block + 0.6, 'second batch');
}

/** Widens a range a little on both sides; a range of one value gets some height. */
function padded(low: number, high: number): [number, number] {
  const room = high > low ? (high - low) * 0.08 : Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}
