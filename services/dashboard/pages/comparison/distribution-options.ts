import { token } from '../../parts/theme.js';
import { drawMark, UNDRAWN, within } from './drawing.js';
import { quartiles, type Point } from './points.js';
import { padded, type PlotOptions } from './samples-options.js';
import type { ValueScale } from './value-scale.js';
import type { Look } from './variant-mark.js';

/** A row: its name above, its marks below. px */
export const ROW_HEIGHT = 50;
export const AXES_HEIGHT = 56;

/** A strip of all values per variant, on one axis, with the box of the quartiles and the median in it. */
export function distributionOptions(rows: readonly (readonly [variant: string, points: readonly Point[]])[], looks: ReadonlyMap<string, Look>, scale: ValueScale): PlotOptions {
  const { splits } = scale;
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [4, 12, 0, 12],
    scales: { x: { time: false, range: (_, low, high) => padded(low, high) }, y: { range: [rows.length - 0.5, -0.5] } },
    axes: [
      { label: scale.label, labelSize: 22, size: 28, space: 70, values: (_, places) => places.map((place) => scale.tick(place)), ...(splits === undefined ? {} : { splits: (_, __, low, high) => splits(low, high) }) },
      { show: false },
    ],
    series: [{}, UNDRAWN],
    hooks: {
      draw: [
        (plot) => within(plot, (context, pixels) => {
          rows.forEach(([variant, points], row) => {
            const { token: colour, shape } = looks.get(variant)!;
            const top = plot.valToPos(row - 0.5, 'y', true);
            const middle = top + 33 * pixels;
            const at = (value: number) => plot.valToPos(scale.place(value), 'x', true);
            context.fillStyle = token('--text');
            context.font = `${12 * pixels}px ${token('--sans')}`;
            context.fillText(variant, plot.bbox.left + 2 * pixels, top + 3 * pixels);
            context.fillStyle = context.strokeStyle = token(colour);
            const box = quartiles(points.map(({ y }) => y));
            if (box !== null) {
              const [left, width] = [at(box.lower), at(box.upper) - at(box.lower)];
              context.globalAlpha = 0.16;
              context.fillRect(left, middle - 10 * pixels, width, 20 * pixels);
              context.globalAlpha = 1;
              context.lineWidth = pixels;
              context.strokeRect(left, middle - 10 * pixels, width, 20 * pixels);
              context.fillRect(at(box.median) - 1.25 * pixels, middle - 13 * pixels, 2.5 * pixels, 26 * pixels);
            }
            context.globalAlpha = points.length > 60 ? 0.5 : 0.85;
            // Spread across the strip by the golden ratio: even, and the same every time.
            points.forEach(({ y }, index) => drawMark(context, shape, at(y), middle + (((index * 0.618034) % 1) - 0.5) * 15 * pixels, 2.6 * pixels, false));
            context.globalAlpha = 1;
          });
        }),
      ],
    },
  };
}
