// SPDX-License-Identifier: GPL-2.0-or-later
import { EVENT_COUNT_PREFIX, parseMetricLine } from '#contract/metric-line.js';
import type { Metric } from '#contract/sample.js';
import { isShipped } from '#contract/variant.js';
import { pluginCounts } from './plugin-output.js';

/** Values that guest, instrumentation and plugin reported. */
export interface RunOutput {
  /** In the order of the output, without event counts. */
  readonly metrics: Metric[];
  /** Count per event as decimal digits; null if the output has no event counts. */
  readonly events: Record<string, string> | null;
}

/** End of the text before a metric line that a shell repeats before it executes it (`set -x`). */
const QUOTED = /(?:\b(?:echo|printf)\s+|["'`])$/;

/**
 * Reads the `QIBENCH name=value unit` lines of a run's output and ignores every other line. Such a
 * line may follow a last line of the guest that does not end.
 *
 * `events.<name>` with a whole number is an event count, exact beyond 2^53. Repeated counts are
 * added, because each process of a user-mode run reports its own. Every other line is a metric.
 *
 * @param text Stdout and stderr of a run, with any line ends.
 * @param plugin The variant's plugin; the output of QEMU's own plugins is read too.
 */
export function parseRunOutput(text: string, plugin: string | null = null): RunOutput {
  const metrics: Metric[] = [];
  const events = new Map<string, bigint>();
  for (const line of metricLines(text)) {
    const metric = parseMetricLine(line);
    if (metric === null) continue;
    const event = metric.name.startsWith(EVENT_COUNT_PREFIX)
      ? metric.name.slice(EVENT_COUNT_PREFIX.length)
      : null;
    const digits = /=(\d{1,20}) /.exec(line)?.[1];
    if (event !== null && event !== '' && digits !== undefined) {
      events.set(event, (events.get(event) ?? 0n) + BigInt(digits));
    } else {
      metrics.push(metric);
    }
  }
  for (const { name, event, value } of isShipped(plugin) ? pluginCounts(plugin, text) : []) {
    if (event) events.set(name, value);
    else metrics.push({ name, value: Number(value), unit: 'count' });
  }
  const counts = [...events].map(([name, count]) => [name, count.toString()] as const);
  return { metrics, events: counts.length === 0 ? null : Object.fromEntries(counts) };
}

/** Returns the parts of the output that begin like metric lines. */
function metricLines(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (!line.includes('QIBENCH ')) return [];
    const parts = line.split(/(?=QIBENCH )/);
    return parts.filter(
      (part, index) => part.startsWith('QIBENCH ') && !QUOTED.test(parts[index - 1] ?? ''),
    );
  });
}
