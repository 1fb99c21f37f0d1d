// SPDX-License-Identifier: GPL-2.0-or-later
import type { Alert, SeriesPoints } from '#contract/history.js';
import { seriesToken } from '../../components/series-colour.js';
import { token } from '../../components/theme.js';

const MARGIN = 4;
/** Points of radius 1.5 px are drawn if each has at least this many px. */
const POINT_SPACE = 5;

/** Draws a series as lines, one colour per host, with a tick below each point that has an alert. */
export function drawSmallSeries(
  canvas: HTMLCanvasElement,
  { values, host, hosts, ids }: SeriesPoints,
  alerts: readonly Alert[],
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (index: number) =>
    values.length === 1 ? width / 2 : MARGIN + (index / (values.length - 1)) * (width - 2 * MARGIN);
  const y = (value: number) =>
    high === low
      ? height / 2
      : height - MARGIN - 4 - ((value - low) / (high - low)) * (height - 2 * MARGIN - 4);

  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  const wide = width / values.length >= POINT_SPACE;
  hosts.forEach((_, index) => {
    context.strokeStyle = context.fillStyle = token(seriesToken(index));
    context.beginPath();
    values.forEach((value, at) => host[at] === index && context.lineTo(x(at), y(value)));
    context.stroke();
    if (wide) values.forEach((value, at) => host[at] === index && dot(context, x(at), y(value)));
  });
  for (const { pointId, worse, state } of alerts) {
    const at = ids.indexOf(pointId);
    if (at === -1) continue;
    context.fillStyle = token(
      state === 'open' ? (worse ? '--worse' : '--better') : '--line-strong',
    );
    context.fillRect(x(at) - 1, height - 5, 3, 5);
  }
}

function dot(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 1.5, 0, 2 * Math.PI);
  context.fill();
}
