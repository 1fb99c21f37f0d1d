// SPDX-License-Identifier: GPL-2.0-or-later
import { seriesToken } from '../../components/series-colour.js';
import { token } from '../../components/theme.js';
import { densityOf } from './lanes.js';
import type { Piece } from './tiles.js';
import { ticks, type View } from './time-axis.js';

export const RULER_HEIGHT = 24;
export const LANE_HEIGHT = 38;
/** Height of a lane's upper part, which holds its name. */
const NAME_HEIGHT = 16;
const TICK_SPACE = 110;
const LEAST_BAR = 3;

interface Drawing {
  readonly view: View;
  readonly pieces: readonly Piece[];
  /** One event per lane; null stands for all events together. */
  readonly lanes: readonly (string | null)[];
  readonly cursorNs: number | null;
  /** Length of the trace. The area behind its end is greyed out. */
  readonly spanNs: number;
}

/**
 * Draws a ruler, and below it one lane per event with the density of its records, each lane in its
 * own range.
 */
export function drawTimeline(
  canvas: HTMLCanvasElement,
  { view, pieces, lanes, cursorNs, spanNs }: Drawing,
): void {
  const context = fitted(canvas, RULER_HEIGHT + lanes.length * LANE_HEIGHT);
  const { clientWidth: width } = canvas;
  const height = canvas.clientHeight;
  const x = (ns: number) => ((ns - view.fromNs) / (view.toNs - view.fromNs)) * width;

  context.fillStyle = token('--sunken');
  if (x(spanNs) < width) context.fillRect(Math.max(0, x(spanNs)), RULER_HEIGHT, width, height);
  context.font = `12px ${token('--sans')}`;
  context.textBaseline = 'middle';
  for (const { atNs, text } of ticks(view, Math.max(2, width / TICK_SPACE))) {
    context.fillStyle = token('--line');
    context.fillRect(x(atNs), 0, 1, height);
    context.fillStyle = token('--text-soft');
    if (x(atNs) + context.measureText(text).width + 4 < width)
      context.fillText(text, x(atNs) + 4, RULER_HEIGHT / 2);
  }
  lanes.forEach((name, index) => {
    const top = RULER_HEIGHT + index * LANE_HEIGHT;
    drawLane(
      context,
      densityOf(name, pieces, view, width),
      top,
      token(name === null ? '--text-soft' : seriesToken(index - 1)),
    );
    context.fillStyle = token('--line');
    context.fillRect(0, top + LANE_HEIGHT - 1, width, 1);
  });
  if (cursorNs !== null) {
    context.fillStyle = token('--text');
    context.fillRect(x(cursorNs) - 1, 0, 2, height);
  }
}

function drawLane(
  context: CanvasRenderingContext2D,
  density: Float64Array,
  top: number,
  colour: string,
): void {
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  const room = LANE_HEIGHT - NAME_HEIGHT - 3;
  context.fillStyle = colour;
  density.forEach((value, pixel) => {
    if (value === 0) return;
    // Height and opacity show the same value; a single record among millions stays visible.
    const share = value / most;
    const bar = LEAST_BAR + share * (room - LEAST_BAR);
    context.globalAlpha = 0.45 + 0.55 * share;
    context.fillRect(pixel, top + LANE_HEIGHT - 2 - bar, 1, bar);
  });
  context.globalAlpha = 1;
}

/** Draws the whole trace and highlights the part in view. */
export function drawMap(
  canvas: HTMLCanvasElement,
  pieces: readonly Piece[],
  whole: View,
  view: View,
): void {
  const height = canvas.clientHeight;
  const context = fitted(canvas, height);
  const { clientWidth: width } = canvas;
  const density = densityOf(null, pieces, whole, width);
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  context.fillStyle = token('--line-strong');
  density.forEach(
    (value, pixel) =>
      value > 0 &&
      context.fillRect(
        pixel,
        height - 2 - (value / most) * (height - 6),
        1,
        2 + (value / most) * (height - 6),
      ),
  );
  const x = (ns: number) => (ns / (whole.toNs - whole.fromNs)) * width;
  const [from, to] = [x(view.fromNs), Math.max(x(view.toNs), x(view.fromNs) + 3)];
  context.fillStyle = token('--accent');
  context.globalAlpha = 0.18;
  context.fillRect(from, 0, to - from, height);
  context.globalAlpha = 1;
  context.strokeStyle = token('--accent');
  context.lineWidth = 2;
  context.strokeRect(from + 1, 1, Math.max(1, to - from - 2), height - 2);
}

function fitted(canvas: HTMLCanvasElement, height: number): CanvasRenderingContext2D {
  canvas.width = canvas.clientWidth * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  const context = canvas.getContext('2d')!;
  context.scale(devicePixelRatio, devicePixelRatio);
  return context;
}
