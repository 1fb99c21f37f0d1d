import { groupsOf } from '../../format/groups.js';
import { token } from '../../parts/theme.js';
import { drawLevel, drawMark, UNDRAWN, within } from './drawing.js';
import type { CanaryRatio } from './noise.js';
import { quartiles } from './points.js';
import { ratioTicks, tickText } from './ratio-axis.js';
import { AXIS_WIDTH, blockAxis, padded, type PlotOptions } from './samples-options.js';

/** Time of the canary before each run over its usual one: dots, and the median of each block as a line. */
export function noiseOptions(ratios: readonly CanaryRatio[]): PlotOptions {
  const { scale: x, axis } = blockAxis(
    ratios.map(({ block }) => block),
    'block',
  );
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x,
      y: {
        range: (_, low, high) =>
          padded(Math.min(low, Math.log(0.98)), Math.max(high, Math.log(1.02))),
      },
    },
    axes: [
      axis,
      {
        label: 'canary',
        labelSize: 22,
        size: AXIS_WIDTH - 22,
        splits: (_, __, low, high) => ratioTicks(Math.exp(low), Math.exp(high)).map(Math.log),
        values: (_, places) => places.map((place) => tickText(Math.exp(place))),
      },
    ],
    series: [{}, UNDRAWN],
    hooks: {
      draw: [
        (plot) =>
          within(plot, (context, pixels) => {
            context.fillStyle = token('--line-strong');
            for (const { block, ratio } of ratios)
              drawMark(
                context,
                'circle',
                plot.valToPos(block, 'x', true),
                plot.valToPos(Math.log(ratio), 'y', true),
                2 * pixels,
                false,
              );
            context.strokeStyle = token('--text');
            context.lineWidth = 2 * pixels;
            for (const [block, own] of groupsOf(ratios, (ratio) => ratio.block))
              drawLevel(
                plot,
                block - 0.35,
                block + 0.35,
                Math.log(quartiles(own.map(({ ratio }) => ratio))!.median),
              );
          }),
      ],
    },
  };
}
