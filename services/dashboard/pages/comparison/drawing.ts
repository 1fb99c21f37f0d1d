// SPDX-License-Identifier: GPL-2.0-or-later
import type uPlot from 'uplot';
import type { Shape } from './variant-mark.js';

/** Draws a mark at a position in canvas pixels. Hollow marks are outlines. */
export function drawMark(
  context: CanvasRenderingContext2D,
  shape: Shape,
  x: number,
  y: number,
  radius: number,
  hollow: boolean,
): void {
  context.beginPath();
  if (shape === 'circle') context.arc(x, y, radius, 0, 2 * Math.PI);
  else {
    const corners =
      shape === 'diamond'
        ? [
            [0, -1.25],
            [1.25, 0],
            [0, 1.25],
            [-1.25, 0],
          ]
        : [
            [0, -1.15],
            [1.15, 0.95],
            [-1.15, 0.95],
          ];
    for (const [dx, dy] of corners as [number, number][])
      context.lineTo(x + dx * radius, y + dy * radius);
    context.closePath();
  }
  if (hollow) context.stroke();
  else context.fill();
}

/** Draws a horizontal line at a value, between two x values. */
export function drawLevel(plot: uPlot, from: number, to: number, y: number): void {
  const at = plot.valToPos(y, 'y', true);
  plot.ctx.beginPath();
  plot.ctx.moveTo(plot.valToPos(from, 'x', true), at);
  plot.ctx.lineTo(plot.valToPos(to, 'x', true), at);
  plot.ctx.stroke();
}

/** Draws on a plot's canvas, clipped to its axes, and restores the canvas's settings afterwards. */
export function drawClipped(
  plot: uPlot,
  draw: (context: CanvasRenderingContext2D, pixels: number) => void,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // uPlot leaves the alignment of its last label set.
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  draw(ctx, devicePixelRatio);
  ctx.restore();
}

/** A series that uPlot does not draw: the hooks draw its marks. */
export const UNDRAWN: uPlot.Series = { paths: () => null, points: { show: false } };
