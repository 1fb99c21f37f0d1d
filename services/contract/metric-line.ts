// SPDX-License-Identifier: GPL-2.0-or-later
import type { Metric } from './sample.js';

/**
 * `QIBENCH name=value unit`: a number that a guest or an instrumentation reports.
 *
 * @see docs/formats.md
 */
const METRIC_LINE =
  /^QIBENCH ([a-z][a-zA-Z0-9_.:/-]{0,255})=(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ([A-Za-z%/]{1,16})$/;

/** Prefix of the metric that counts one event: `events.<event name>`. */
export const EVENT_COUNT_PREFIX = 'events.';

/** Parses a metric from a line of output; returns null if the line is not a metric line. */
export function parseMetricLine(line: string): Metric | null {
  const match = METRIC_LINE.exec(line.trimEnd());
  if (match === null) return null;
  const value = Number(match[2]);
  // JSON cannot hold 1e999
  return Number.isFinite(value) ? { name: match[1]!, value, unit: match[3]! } : null;
}
