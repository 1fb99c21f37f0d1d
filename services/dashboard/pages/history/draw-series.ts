// SPDX-License-Identifier: GPL-2.0-or-later
import uPlot from 'uplot';
import type { Alert, History } from '#contract/history.js';
import { change } from '../../format/numbers.js';
import { seriesToken } from '../../components/series-colour.js';
import { token } from '../../components/theme.js';
import { placeOfMark, type Level, type Shift } from './levels.js';

const LABEL_HEIGHT = 18;
const LABEL_ROWS = 3;

/** Draws intervals as whiskers below the points, thinner where points are close. */
export function drawIntervals(plot: uPlot, { points }: History, hosts: readonly string[]): void {
  inPlot(plot, (context, ratio) => {
    const apart = Math.abs(plot.valToPos(1, 'x') - plot.valToPos(0, 'x'));
    context.lineWidth = Math.min(3, Math.max(1, apart / 3)) * ratio;
    context.globalAlpha = 0.4;
    points.forEach(({ low, high, hostFingerprint }, index) => {
      if (low === null || high === null) return;
      context.strokeStyle = token(seriesToken(hosts.indexOf(hostFingerprint)));
      line(
        context,
        [plot.valToPos(index, 'x', true), plot.valToPos(low, 'y', true)],
        [plot.valToPos(index, 'x', true), plot.valToPos(high, 'y', true)],
      );
    });
  });
}

/** Draws levels, labelled shifts and marks above the points. */
export function drawAnnotations(
  plot: uPlot,
  history: History,
  { levels, shifts }: { levels: readonly Level[]; shifts: readonly Shift[] },
  alerts: readonly Alert[],
): void {
  inPlot(plot, (context, ratio) => {
    const x = (place: number) => plot.valToPos(place, 'x', true);
    const y = (value: number) => plot.valToPos(value, 'y', true);
    const { top, height } = plot.bbox;
    context.font = `${12 * ratio}px ${token('--sans')}`;
    context.textBaseline = 'middle';
    context.textAlign = 'left';

    context.strokeStyle = token('--text');
    context.lineWidth = 2 * ratio;
    for (const { from, to, value } of levels)
      line(context, [x(from - 0.4), y(value)], [x(to + 0.4), y(value)]);
    context.lineWidth = ratio;
    for (const mark of history.marks) {
      const at = placeOfMark(history, mark);
      if (at === null) continue;
      context.strokeStyle = token('--line-strong');
      context.setLineDash([2 * ratio, 3 * ratio]);
      line(context, [x(at - 0.5), top], [x(at - 0.5), top + height]);
      label(
        plot,
        ratio,
        x(at - 0.5),
        top + height - LABEL_HEIGHT * ratio,
        '⚑ mark',
        token('--text-soft'),
      );
    }
    shifts.forEach(({ at, change: { before, after, ratio: factor, worse, pointId } }, index) => {
      const colour = token(worse ? '--worse' : '--better');
      const alert = alerts.find((candidate) => candidate.pointId === pointId);
      context.strokeStyle = colour;
      context.setLineDash([4 * ratio, 3 * ratio]);
      line(context, [x(at - 0.5), top], [x(at - 0.5), top + height]);
      context.setLineDash([]);
      context.lineWidth = 2 * ratio;
      line(context, [x(at - 0.5), y(before)], [x(at - 0.5), y(after)]);
      context.lineWidth = ratio;
      label(
        plot,
        ratio,
        x(at - 0.5),
        top + (index % LABEL_ROWS) * (LABEL_HEIGHT + 2) * ratio,
        `${worse ? '▲' : '▼'} ${change(factor)}${alert === undefined ? '' : ` ${alert.state}`}`,
        colour,
      );
    });
  });
}

type Place = readonly [x: number, y: number];

function line(context: CanvasRenderingContext2D, [fromX, fromY]: Place, [toX, toY]: Place): void {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}

/**
 * Draws a text right of a line, or left of it at the edge of the plot, on a background that keeps
 * it readable over points.
 */
function label(
  { ctx: context, bbox }: uPlot,
  ratio: number,
  x: number,
  top: number,
  text: string,
  colour: string,
): void {
  const width = context.measureText(text).width + 8 * ratio;
  const left = x + width > bbox.left + bbox.width ? x - width : x;
  context.setLineDash([]);
  context.fillStyle = token('--raised');
  context.fillRect(left + ratio, top, width, LABEL_HEIGHT * ratio);
  context.fillStyle = colour;
  context.fillText(text, left + 4 * ratio, top + (LABEL_HEIGHT / 2) * ratio);
}

function inPlot(
  plot: uPlot,
  draw: (context: CanvasRenderingContext2D, ratio: number) => void,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, uPlot.pxRatio);
  ctx.restore();
}
