// SPDX-License-Identifier: GPL-2.0-or-later
import { axisUnit } from '../../format/axis-unit.js';
import { inUnit, ratio } from '../../format/numbers.js';
import { ratioTicks, tickText } from './ratio-axis.js';

/** Scale of an axis: values in a round unit, or ratios by their logarithm. */
export interface ValueScale {
  readonly label: string;
  /** Returns the position of a value on the axis. */
  place(value: number): number;
  /** Returns the positions of the ticks between two positions; undefined leaves them to uPlot. */
  readonly splits?: (low: number, high: number) => number[];
  tick(place: number): string;
  /** Formats a value with its unit. */
  text(value: number): string;
}

export function absoluteScale(metric: string, unit: string, values: readonly number[]): ValueScale {
  const { name, size } = axisUnit(
    unit,
    values.reduce((most, value) => Math.max(most, value), 0),
  );
  return {
    label: `${metric === 'wallNs' ? 'wall time' : metric}, ${name}`,
    place: (value) => value / size,
    tick: (place) => String(Number(place.toPrecision(6))),
    text: (value) => inUnit(value, unit),
  };
}

export function ratioScale(baseline: string): ValueScale {
  return {
    label: `ratio to ${baseline} in its block`,
    place: Math.log,
    splits: (low, high) => ratioTicks(Math.exp(low), Math.exp(high)).map(Math.log),
    tick: (place) => tickText(Math.exp(place)),
    text: (value) => `×${ratio(value)}`,
  };
}
