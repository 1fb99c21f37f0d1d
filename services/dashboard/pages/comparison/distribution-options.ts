// SPDX-License-Identifier: GPL-2.0-or-later
import { token } from '../../components/theme.js';
import { drawMark, UNDRAWN, drawClipped } from './drawing.js';
import type { PlotOptions } from './samples-options.js';
import { spreadRange, type Spread } from './spread.js';
import type { ValueScale } from './value-scale.js';
import type { VariantStyle } from './variant-mark.js';

/** Height of a row in px: its name above, its marks below. */
export const ROW_HEIGHT = 50;
export const AXES_HEIGHT = 56;

/**
 * Returns the options of a strip plot: all values of each variant around its own median, on one
 * axis of relative differences, with a box of the quartiles.
 */
export function distributionOptions(
  spreads: readonly Spread[],
  styles: ReadonlyMap<string, VariantStyle>,
  scale: ValueScale,
): PlotOptions {
  const [low, high] = spreadRange(spreads);
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [4, 12, 0, 12],
    scales: { x: { time: false, range: [low, high] }, y: { range: [spreads.length - 0.5, -0.5] } },
    axes: [
      {
        label: 'difference from the variant’s own median',
        labelSize: 22,
        size: 28,
        space: 60,
        values: (_, places) => places.map(shareText),
      },
      { show: false },
    ],
    series: [{}, UNDRAWN],
    hooks: {
      draw: [
        (plot) =>
          drawClipped(plot, (context, pixels) => {
            spreads.forEach(({ variant, median, shares, box }, row) => {
              const { token: colour, shape } = styles.get(variant)!;
              const top = plot.valToPos(row - 0.5, 'y', true);
              const middle = top + 33 * pixels;
              const at = (share: number) => plot.valToPos(share, 'x', true);
              const beyond = shares.filter((share) => share < low || share > high).length;
              context.fillStyle = token('--text');
              context.font = `${12 * pixels}px ${token('--sans')}`;
              context.fillText(variant, plot.bbox.left + 2 * pixels, top + 3 * pixels);
              const named = context.measureText(`${variant}  `).width;
              context.fillStyle = token('--text-soft');
              context.fillText(
                `${scale.text(median)}${beyond === 0 ? '' : `, ${beyond} far out`}`,
                plot.bbox.left + 2 * pixels + named,
                top + 3 * pixels,
              );
              context.fillStyle = context.strokeStyle = token(colour);
              if (shares.length > 0) {
                const [left, width] = [at(box.lower), at(box.upper) - at(box.lower)];
                context.globalAlpha = 0.16;
                context.fillRect(left, middle - 10 * pixels, width, 20 * pixels);
                context.globalAlpha = 1;
                context.lineWidth = pixels;
                context.strokeRect(left, middle - 10 * pixels, width, 20 * pixels);
                context.fillRect(
                  at(0) - 1.25 * pixels,
                  middle - 13 * pixels,
                  2.5 * pixels,
                  26 * pixels,
                );
              }
              context.globalAlpha = shares.length > 60 ? 0.5 : 0.85;
              shares.forEach((share, index) => {
                // The golden ratio spreads the values across the strip: evenly, and the same on
                // every drawing.
                const y = middle + (((index * 0.618034) % 1) - 0.5) * 15 * pixels;
                if (share < low || share > high)
                  drawBeyond(
                    context,
                    at(share < low ? low : high),
                    y,
                    share < low ? -1 : 1,
                    pixels,
                  );
                else drawMark(context, shape, at(share), y, 2.6 * pixels, false);
              });
              context.globalAlpha = 1;
            });
          }),
      ],
    },
  };
}

/** Draws an arrow at the edge that points towards a value beyond it. */
function drawBeyond(
  context: CanvasRenderingContext2D,
  edge: number,
  y: number,
  direction: 1 | -1,
  pixels: number,
): void {
  context.beginPath();
  for (const [x, dy] of [
    [1, 0],
    [8, -4],
    [8, 4],
  ] as const)
    context.lineTo(edge - direction * x * pixels, y + dy * pixels);
  context.closePath();
  context.fill();
}

/** Formats a share as a signed percentage: −2.5 %. */
function shareText(share: number): string {
  const percent = Number((share * 100).toPrecision(6));
  return `${percent > 0 ? '+' : percent < 0 ? '−' : ''}${Math.abs(percent)} %`;
}
