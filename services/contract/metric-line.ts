import type { Metric } from './sample.js';

/** `QIBENCH name=value unit`: how guests and instrumentations report a number. See docs/formats.md. */
const METRIC_LINE =
  /^QIBENCH ([a-z][a-zA-Z0-9_.:/-]{0,255})=(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ([A-Za-z%/]{1,16})$/;

/** Prefix of the metric that counts one event: `events.<event name>`. */
export const EVENT_COUNT_PREFIX = 'events.';

/** The metric on a line of output, or null if the line is not one. */
export function parseMetricLine(line: string): Metric | null {
  const match = METRIC_LINE.exec(line.trimEnd());
  if (match === null) return null;
  const value = Number(match[2]);
  return Number.isFinite(value) ? { name: match[1]!, value, unit: match[3]! } : null; // 1e999 is no number that JSON can hold
}
