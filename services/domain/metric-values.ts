import { QibenchError } from '../contract/error.js';
import { isSampleMetric, metricsOf, type MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { WorkloadDefinition } from '../contract/workload.js';
import type { ValueOf } from './pairs.js';

/**
 * A metric of the registry by its name.
 *
 * @param workloads those of the job: what they declare can be compared too
 * @throws QibenchError UNKNOWN_METRIC names those that there are
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

/** How a metric is read from a sample. */
export function metricValue(name: string): ValueOf {
  if (name === 'cpuNs') return ({ userNs, systemNs }) => Number(userNs) + Number(systemNs);
  return (sample) => {
    const value = isSampleMetric(name)
      ? sample[name]
      : (sample.metrics.find((metric) => metric.name === name)?.value ?? null);
    return value === null ? null : Number(value);
  };
}

/**
 * The samples that have a metric's values, of those of a job.
 *
 * Timed samples come first. Where none of them has a value and the metric counts instructions, instruction samples
 * do, by repetition; no other metric is ever taken from those.
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

/** Whether instruction samples may have a metric's values. */
export function isCounted(name: string): boolean {
  return name === 'hostInstructions' || name === 'guestInstructions';
}
