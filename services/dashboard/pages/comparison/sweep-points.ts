// SPDX-License-Identifier: GPL-2.0-or-later
import type { ComparisonRow } from '#contract/comparison.js';
import { isSupported } from '#contract/interval-words.js';
import type { SweepSeries } from '#contract/sweep-figures.js';
import { axisIncrements, axisTexts } from '../../format/axis.js';
import { placeOn, ratioAxis, tickText } from './ratio-axis.js';

/** What a sweep's figure shows. */
export type SweepMeasure = 'ratio' | 'perEvent' | 'median';

/** A value with the ends of its interval. */
interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A tick of an axis; places are from 0 to 1. */
interface Tick {
  readonly place: number;
  readonly text: string;
}

/** A point of a sweep's figure; places are from 0 (left, below) to 1. */
export interface SweepMark extends Interval {
  readonly row: ComparisonRow;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly yLow: number;
  readonly yHigh: number;
}

export interface SweepFigure {
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  /** Marks of each series, in the order of the values. */
  readonly series: readonly (readonly SweepMark[])[];
}

/** Values that differ by this factor or more are drawn by their logarithm. */
const LOGARITHMIC = 8;
const TICKS_MOST = 6;
const MARGIN = 0.06;

/** Returns what a row contributes to a figure; null if its evidence does not support a value. */
function intervalOf(row: ComparisonRow, measure: SweepMeasure): Interval | null {
  switch (measure) {
    case 'ratio':
      return row.ratio === null || !isSupported(row.ratio)
        ? null
        : { value: row.ratio.ratio, low: row.ratio.low, high: row.ratio.high };
    case 'perEvent': {
      const figure = row.cost?.averageNs ?? row.cost?.perEventNs ?? null;
      return figure === null || figure.shown !== 'value' ? null : figure;
    }
    case 'median':
      return row.median === null ? null : { value: row.median, low: row.median, high: row.median };
  }
}

/** Returns the measures that some row of the series has. */
export function measuresIn(series: readonly SweepSeries[]): SweepMeasure[] {
  const rows = series.flatMap(({ points }) => points.map(({ row }) => row));
  return (['ratio', 'perEvent', 'median'] as const).filter((measure) =>
    rows.some((row) => intervalOf(row, measure) !== null),
  );
}

/**
 * Returns the figure of a sweep. Values that are numbers have a scale; others are side by side.
 * Ratios are drawn by their logarithm, other measures from 0.
 *
 * @param unit Of the measure `median`.
 */
export function sweepFigure(
  series: readonly SweepSeries[],
  measure: SweepMeasure,
  unit: string,
): SweepFigure {
  const values = [...new Set(series.flatMap(({ points }) => points.map(({ value }) => value)))];
  const x = placesOf(values);
  const found = series.map(({ points }) =>
    points.flatMap(({ value, row }) => {
      const interval = intervalOf(row, measure);
      return interval === null ? [] : [{ row, value, interval }];
    }),
  );
  const intervals = found.flat().map(({ interval }) => interval);
  const y = measure === 'ratio' ? ratioScale(intervals) : linearScale(intervals, unit);
  return {
    xTicks: values.map((value) => ({ place: x(value), text: String(value) })),
    yTicks: y.ticks,
    series: found.map((marks) =>
      marks
        .map(({ row, value, interval }) => ({
          row,
          text: String(value),
          value: interval.value,
          low: interval.low,
          high: interval.high,
          x: x(value),
          y: y.place(interval.value),
          yLow: y.place(interval.low),
          yHigh: y.place(interval.high),
        }))
        .sort((a, b) => a.x - b.x),
    ),
  };
}

/** Returns the places of swept values: on a scale if all are numbers, else at equal distances. */
function placesOf(values: readonly (number | string)[]): (value: number | string) => number {
  const within = (share: number) => MARGIN + share * (1 - 2 * MARGIN);
  const numbers = values.filter((value) => typeof value === 'number');
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (numbers.length < values.length || least === most)
    return (value) => within((values.indexOf(value) + 0.5) / values.length);
  const scale = least > 0 && most / least >= LOGARITHMIC ? Math.log : (value: number) => value;
  const [from, to] = [scale(least), scale(most)];
  return (value) => within((scale(Number(value)) - from) / (to - from));
}

interface Scale {
  readonly ticks: readonly Tick[];
  place(value: number): number;
}

function ratioScale(intervals: readonly Interval[]): Scale {
  const axis = ratioAxis(intervals);
  const place = (value: number) => placeOn(axis, value);
  return { place, ticks: axis.ticks.map((tick) => ({ place: place(tick), text: tickText(tick) })) };
}

function linearScale(intervals: readonly Interval[], unit: string): Scale {
  const low = Math.min(0, ...intervals.map((interval) => interval.low));
  const high = Math.max(0, ...intervals.map((interval) => interval.high)) || 1;
  const [from, to] = [low, high + MARGIN * (high - low)];
  const place = (value: number) => (value - from) / (to - from);
  const step =
    axisIncrements(unit, high).find((size) => (to - from) / size <= TICKS_MOST) ?? high - low;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  const ticks = Array.from({ length: count }, (_, index) => (first + index) * step);
  const texts = axisTexts(ticks, unit);
  return {
    place,
    ticks: ticks.map((tick, index) => ({ place: place(tick), text: texts[index]! })),
  };
}
