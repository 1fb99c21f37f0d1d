import { QibenchError } from '../contract/error.js';
import { isSampleMetric, metricsOf, type MetricDefinition } from '../contract/metric.js';
import type { Sample } from '../contract/sample.js';
import type { WorkloadDefinition } from '../contract/workload.js';

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

/**
 * A metric's value per block, of one variant with one workload; samples without a value have no entry.
 *
 * Timed samples come first. Where none of them has a value and the metric counts instructions, instruction samples
 * do, by repetition; no other metric is ever taken from those.
 */
export function metricValues(
  name: string,
  timed: readonly Sample[],
  counted: readonly Sample[],
): Map<number, number> {
  const values = valuesOf(name, timed);
  return values.size === 0 && isCounted(name) ? valuesOf(name, counted) : values;
}

/** Whether instruction samples may have a metric's values. */
export function isCounted(name: string): boolean {
  return name === 'hostInstructions' || name === 'guestInstructions';
}

function valuesOf(name: string, samples: readonly Sample[]): Map<number, number> {
  const values = new Map<number, number>();
  for (const sample of samples) {
    const value = isSampleMetric(name)
      ? sample[name]
      : (sample.metrics.find((metric) => metric.name === name)?.value ?? null);
    if (value !== null) values.set(sample.block, Number(value));
  }
  return values;
}
