// SPDX-License-Identifier: GPL-2.0-or-later
import { QibenchError } from '#contract/error.js';
import { isSampleMetric, metricsOf, type MetricDefinition } from '#contract/metric.js';
import type { Sample } from '#contract/sample.js';
import type { WorkloadDefinition } from '#contract/workload.js';
import type { ValueOf } from './pairs.js';

/**
 * Returns a metric of the registry by its name.
 *
 * @param workloads The job's workloads, which may declare metrics of their own.
 * @throws {UNKNOWN_METRIC} The name is unknown; the error lists the known names.
 */
export function metricNamed(
  name: string,
  workloads: readonly WorkloadDefinition[] = [],
): MetricDefinition {
  const known = metricsOf(workloads);
  const metric = known.find((candidate) => candidate.name === name);
  if (metric === undefined)
    throw new QibenchError('UNKNOWN_METRIC', {
      metric: name,
      known: known.map((candidate) => candidate.name).join(', '),
    });
  return metric;
}

/** Returns a function that reads a metric from a sample. */
export function metricValue(name: string): ValueOf {
  if (name === 'cpuNs') return ({ userNs, systemNs }) => Number(userNs) + Number(systemNs);
  return (sample) => {
    const value = isSampleMetric(name)
      ? sample[name]
      : (sample.metrics.findLast((metric) => metric.name === name)?.value ?? null);
    return value === null ? null : Number(value);
  };
}

/**
 * Returns the samples of a job that have a metric's values.
 *
 * Timed samples take precedence. If none of them has a value and the metric counts instructions,
 * the values come from the instruction samples. No other metric is taken from instruction samples.
 */
export function samplesWith(
  name: string,
  timed: readonly Sample[],
  counted: readonly Sample[],
): readonly Sample[] {
  return isCounted(name) && timed.every((sample) => metricValue(name)(sample) === null)
    ? counted
    : timed;
}

/** Returns whether instruction samples may have a metric's values. */
export function isCounted(name: string): boolean {
  return name === 'hostInstructions' || name === 'guestInstructions';
}
