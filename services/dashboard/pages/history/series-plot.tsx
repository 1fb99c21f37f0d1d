// SPDX-License-Identifier: GPL-2.0-or-later
import { useCallback, useMemo, useRef, type KeyboardEvent } from 'react';
import type uPlot from 'uplot';
import type { History } from '#contract/history.js';
import { axisIncrements, axisTexts, timeTexts } from '../../format/axis.js';
import { day, timeOfDay } from '../../format/times.js';
import { Plot } from '../../components/plot.js';
import { seriesToken } from '../../components/series-colour.js';
import { token, useTheme } from '../../components/theme.js';
import { drawAnnotations, drawIntervals } from './draw-series.js';
import { levelsOf } from './levels.js';

const HEIGHT = 380;
/** Number of points that Page Up and Page Down move by. */
const PAGE = 10;
/** Width in px of a character of the axis of values, and of the space around its text. */
const CHARACTER_WIDTH = 7;
const AXIS_PADDING = 22;
/** Maximum number of points in view that are drawn as dots. */
const MOST_DOTS = 400;

interface SeriesPlotProps {
  history: History;
  hosts: readonly string[];
  /** Index of the point under the cursor. */
  selected: number;
  onSelect: (index: number) => void;
  /** Returns the description of a point in words. */
  describe: (index: number) => string;
}

/**
 * Shows a series over its commits, with a cursor for mouse and keyboard. Dragging zooms; a double
 * click shows everything.
 */
export function SeriesPlot({ history, hosts, selected, onSelect, describe }: SeriesPlotProps) {
  const theme = useTheme();
  const plot = useRef<uPlot | null>(null);
  const { points } = history;
  const last = points.length - 1;
  const data = useMemo(() => dataOf(history, hosts), [history, hosts]);
  const options = useMemo(
    () => optionsOf(history, hosts, onSelect, theme),
    [history, hosts, onSelect, theme],
  );
  const onReady = useCallback((made: uPlot) => void (plot.current = made), []);

  const onKeyDown = (event: KeyboardEvent) => {
    const goes: Record<string, number> = {
      ArrowLeft: selected - 1,
      ArrowRight: selected + 1,
      Home: 0,
      End: last,
      PageUp: selected - PAGE,
      PageDown: selected + PAGE,
    };
    const zooms: Record<string, number> = { '+': 0.5, '=': 0.5, '-': 2, '0': Infinity };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (goes[event.key] !== undefined) {
      const to = Math.min(last, Math.max(0, goes[event.key]!));
      onSelect(to);
      showCursor(plot.current!, to, points[to]!.value);
    } else if (zooms[event.key] !== undefined)
      zoom(plot.current!, selected, zooms[event.key]!, last);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="series-plot"
      role="slider"
      tabIndex={0}
      aria-label="Point of the series"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={selected}
      aria-valuetext={describe(selected)}
      onKeyDown={onKeyDown}
    >
      <Plot
        options={options}
        data={data}
        height={HEIGHT}
        label={`${history.metric} of ${history.workload}, ${points.length} points`}
        onReady={onReady}
      />
    </div>
  );
}

function showCursor(plot: uPlot, index: number, value: number): void {
  const { min, max } = plot.scales.x!;
  if (index < min! || index > max!) {
    const half = (max! - min!) / 2;
    plot.setScale('x', { min: index - half, max: index + half });
  }
  plot.setCursor({ left: plot.valToPos(index, 'x'), top: plot.valToPos(value, 'y') }, false);
}

function zoom(plot: uPlot, around: number, factor: number, last: number): void {
  const { min, max } = plot.scales.x!;
  const [from, to] = [around - (around - min!) * factor, around + (max! - around) * factor];
  plot.setScale(
    'x',
    Number.isFinite(factor)
      ? { min: Math.max(-0.5, from), max: Math.min(last + 0.5, to) }
      : { min: -0.5, max: last + 0.5 },
  );
}

function dataOf({ points }: History, hosts: readonly string[]): uPlot.AlignedData {
  const ofHost = (host: string) =>
    points.map(({ value, hostFingerprint }) => (hostFingerprint === host ? value : null));
  return [
    points.map((_, index) => index),
    points.map(({ low }) => low),
    points.map(({ high }) => high),
    ...hosts.map(ofHost),
  ];
}

function optionsOf(
  history: History,
  hosts: readonly string[],
  onSelect: (index: number) => void,
  _theme: string,
): Omit<uPlot.Options, 'width' | 'height'> {
  const { points, alerts } = history;
  const unit = points.at(-1)!.unit;
  const largest = points.reduce(
    (most, { value, high }) => Math.max(most, Math.abs(high ?? value)),
    0,
  );
  const annotations = levelsOf(history);
  const oneDay =
    new Date(points[0]!.at).toDateString() === new Date(points.at(-1)!.at).toDateString();
  const times = points.map(({ at }) => at);
  // Interval ends are series only so that the range includes them; drawIntervals draws them.
  const ends: uPlot.Series = { stroke: 'transparent', points: { show: false } };
  return {
    legend: { show: false },
    cursor: { points: { size: 10 }, y: false },
    scales: {
      x: {
        time: false,
        range: (_, min, max) =>
          max - min < 1
            ? [min - 0.5, max + 0.5]
            : [min === 0 ? -0.5 : min, max === points.length - 1 ? max + 0.5 : max],
      },
    },
    axes: [
      {
        size: 36,
        space: 90,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        values: (_, ticks) => timeTexts(times, ticks, oneDay ? timeOfDay : day),
      },
      {
        size: (_, texts) =>
          AXIS_PADDING +
          CHARACTER_WIDTH * Math.max(0, ...(texts ?? []).map(({ length }) => length)),
        incrs: axisIncrements(unit, largest),
        values: (_, splits) => axisTexts(splits, unit),
      },
    ],
    series: [
      {},
      ends,
      ends,
      ...hosts.map((_, index): uPlot.Series => {
        const stroke = token(seriesToken(index));
        return {
          stroke,
          width: 1,
          spanGaps: true,
          points: {
            show: (_plot, _series, from, to) => to - from <= MOST_DOTS,
            size: 6,
            fill: stroke,
            stroke,
          },
        };
      }),
    ],
    hooks: {
      drawAxes: [(plot) => drawIntervals(plot, history, hosts)],
      draw: [(plot) => drawAnnotations(plot, history, annotations, alerts)],
      // Also fires when the plot is drawn or resized, with the place of an earlier key press.
      setCursor: [
        ({ cursor, over }) =>
          typeof cursor.idx === 'number' && over.matches(':hover') && onSelect(cursor.idx),
      ],
    },
  };
}
