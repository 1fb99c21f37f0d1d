import type uPlot from 'uplot';
import type { Shape } from './variant-mark.js';

/** Draw a mark at a place in canvas pixels; hollow ones are outlines. */
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

/** A horizontal line between two x values, in canvas pixels. */
export function drawLevel(plot: uPlot, from: number, to: number, y: number): void {
  const at = plot.valToPos(y, 'y', true);
  plot.ctx.beginPath();
  plot.ctx.moveTo(plot.valToPos(from, 'x', true), at);
  plot.ctx.lineTo(plot.valToPos(to, 'x', true), at);
  plot.ctx.stroke();
}

/** Do something to a plot's canvas within its axes, leaving no setting behind. */
export function within(
  plot: uPlot,
  draw: (context: CanvasRenderingContext2D, pixels: number) => void,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // uPlot leaves the alignment of its last label.
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  draw(ctx, devicePixelRatio);
  ctx.restore();
}

/** A series of which uPlot draws nothing: the marks are ours. */
export const UNDRAWN: uPlot.Series = { paths: () => null, points: { show: false } };
