// SPDX-License-Identifier: GPL-2.0-or-later
import type { Direction } from './comparison.js';
import type { WorkloadDefinition } from './workload.js';

/** Definition of a metric: a number that samples have and comparisons use. */
export interface MetricDefinition {
  readonly name: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly description: string;
}

/** Metrics that are fields of a sample; some are null in some samples. */
export const SAMPLE_METRICS = [
  {
    name: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: 'time from the start of QEMU to its end',
  },
  {
    name: 'userNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: 'CPU time in user mode, of all threads',
  },
  {
    name: 'systemNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: 'CPU time in the kernel, of all threads',
  },
  {
    name: 'minorFaults',
    unit: 'faults',
    direction: 'smaller-is-better',
    description: 'page faults without reading from a disk',
  },
  {
    name: 'majorFaults',
    unit: 'faults',
    direction: 'smaller-is-better',
    description: 'page faults that read from a disk',
  },
  {
    name: 'voluntarySwitches',
    unit: 'switches',
    direction: 'smaller-is-better',
    description: 'context switches because a task waits',
  },
  {
    name: 'involuntarySwitches',
    unit: 'switches',
    direction: 'smaller-is-better',
    description: 'context switches to run another task',
  },
  {
    name: 'maxRssBytes',
    unit: 'bytes',
    direction: 'smaller-is-better',
    description: 'largest resident set',
  },
  {
    name: 'hostInstructions',
    unit: 'instructions',
    direction: 'smaller-is-better',
    description:
      'executed in user mode by QEMU: by hardware counters in timed samples, else by ' +
      'callgrind in instruction samples',
  },
  {
    name: 'guestInstructions',
    unit: 'instructions',
    direction: 'smaller-is-better',
    description: 'executed by the guest; equal counts show that two sides did the same work',
  },
] as const satisfies readonly MetricDefinition[];

/**
 * Wall time of a variant divided by its side's baseline in the same block. Not a field of a sample;
 * histories and exports show it.
 */
const WALL_RATIO = {
  name: 'wallRatio',
  unit: '1',
  direction: 'smaller-is-better',
  description: "wall time over the baseline's in the same block",
} as const satisfies MetricDefinition;

/**
 * Counts of the kernel. They depend on other activity on the host: they help to explain one job and
 * are meaningless across commits.
 */
export const KERNEL_COUNTS: readonly string[] = [
  'minorFaults',
  'majorFaults',
  'voluntarySwitches',
  'involuntarySwitches',
];

/** User and system time together. Not a field of a sample. */
const CPU_TIME = {
  name: 'cpuNs',
  unit: 'ns',
  direction: 'smaller-is-better',
  description: 'processor time of all threads, user and system',
} as const satisfies MetricDefinition;

/** Metrics of the region of interest, which a workload may have; in a sample's `metrics`. */
export const REGION_METRICS = [
  {
    name: 'region.wallNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: 'time from the text that begins the region of interest to the text that ends it',
  },
  {
    name: 'region.cpuNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: "processor time of QEMU's process within the region of interest",
  },
  {
    name: 'region.hostInstructions',
    unit: 'instructions',
    direction: 'smaller-is-better',
    description: 'executed in user mode by QEMU within the region, by hardware counters',
  },
] as const satisfies readonly MetricDefinition[];

export type SampleMetric = (typeof SAMPLE_METRICS)[number]['name'];

/** Measures that a job may have of each variant with each workload, in the order of exports. */
export const MEASURES: readonly (MetricDefinition & {
  readonly name: SampleMetric | typeof WALL_RATIO.name | typeof CPU_TIME.name;
})[] = [SAMPLE_METRICS[0], WALL_RATIO, CPU_TIME, ...SAMPLE_METRICS.slice(1)];
export type MeasureName = (typeof MEASURES)[number]['name'];

/** Returns whether a metric is a field of a sample; all others are in the sample's `metrics`. */
export function isSampleMetric(name: string): name is SampleMetric {
  return SAMPLE_METRICS.some((metric) => metric.name === name);
}

/**
 * Returns the registry: the metrics of every sample, then the metrics that these workloads declare.
 * If several declare a name, the first one counts.
 */
export function metricsOf(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return withDeclared([...SAMPLE_METRICS, CPU_TIME], workloads);
}

/**
 * Returns the measures that histories and exports have of a job with these workloads: `MEASURES`,
 * then the metrics that the workloads declare.
 */
export function measuresWith(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return withDeclared(MEASURES, workloads);
}

/**
 * Returns the metrics that workload files declare, and the metrics of their regions of interest; a
 * name may occur more than once.
 */
export function declaredMetrics(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return workloads.flatMap(({ metrics, run }) => [
    ...metrics.map((metric) => ({
      ...metric,
      direction: `${metric.direction}-is-better` as const,
    })),
    ...(run.region === undefined ? [] : REGION_METRICS),
  ]);
}

function withDeclared(
  builtIn: readonly MetricDefinition[],
  workloads: readonly WorkloadDefinition[],
): MetricDefinition[] {
  const all = new Map<string, MetricDefinition>();
  for (const metric of [...builtIn, ...declaredMetrics(workloads)])
    if (!all.has(metric.name)) all.set(metric.name, metric);
  return [...all.values()];
}
