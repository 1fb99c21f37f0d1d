import type { Direction } from './comparison.js';
import type { WorkloadDefinition } from './workload.js';

/** A number that samples have and comparisons can be made of. */
export interface MetricDefinition {
  readonly name: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly description: string;
}

/** What every sample has, or may have, as a field of its own. */
export const SAMPLE_METRICS = [
  {
    name: 'wallNs',
    unit: 'ns',
    direction: 'smaller-is-better',
    description: 'time from starting QEMU to its end',
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
    description: 'context switches in order to wait',
  },
  {
    name: 'involuntarySwitches',
    unit: 'switches',
    direction: 'smaller-is-better',
    description: 'context switches for another task',
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
      'executed in user mode by QEMU: by hardware counters in timed samples, else by callgrind in instruction samples',
  },
  {
    name: 'guestInstructions',
    unit: 'instructions',
    direction: 'smaller-is-better',
    description: 'executed by the guest: what shows that two sides did the same work',
  },
] as const satisfies readonly MetricDefinition[];

/** The wall time of a variant over that of its side's baseline in the same block: no field of a sample, but what histories and exports show. */
const WALL_RATIO = {
  name: 'wallRatio',
  unit: '1',
  direction: 'smaller-is-better',
  description: "wall time over the baseline's in the same block",
} as const satisfies MetricDefinition;

/**
 * Counts of the kernel. They follow what else runs on the host: they explain a job, and say nothing over commits.
 */
export const KERNEL_COUNTS: readonly string[] = [
  'minorFaults',
  'majorFaults',
  'voluntarySwitches',
  'involuntarySwitches',
];

/** User and system time together: no field of a sample. */
const CPU_TIME = {
  name: 'cpuNs',
  unit: 'ns',
  direction: 'smaller-is-better',
  description: 'processor time of all threads, user and system',
} as const satisfies MetricDefinition;

export type SampleMetric = (typeof SAMPLE_METRICS)[number]['name'];

/** What jobs may say of each variant with any workload, in the order in which exports have it. */
export const MEASURES: readonly (MetricDefinition & {
  readonly name: SampleMetric | typeof WALL_RATIO.name | typeof CPU_TIME.name;
})[] = [SAMPLE_METRICS[0], WALL_RATIO, CPU_TIME, ...SAMPLE_METRICS.slice(1)];
export type MeasureName = (typeof MEASURES)[number]['name'];

/** Whether a metric is a field of its own; all others are in a sample's `metrics`. */
export function isSampleMetric(name: string): name is SampleMetric {
  return SAMPLE_METRICS.some((metric) => metric.name === name);
}

/** The registry: the metrics of every sample, then what these workloads declare; a name that several declare is the first's. */
export function metricsOf(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return withDeclared([...SAMPLE_METRICS, CPU_TIME], workloads);
}

/** What histories and exports have of a job with these workloads: `MEASURES`, then what the workloads declare. */
export function measuresWith(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return withDeclared(MEASURES, workloads);
}

/** What workloads declare, as it is in their files: a name may be there more than once. */
export function declaredMetrics(workloads: readonly WorkloadDefinition[]): MetricDefinition[] {
  return workloads.flatMap(({ metrics }) =>
    metrics.map((metric) => ({ ...metric, direction: `${metric.direction}-is-better` as const })),
  );
}

function withDeclared(
  own: readonly MetricDefinition[],
  workloads: readonly WorkloadDefinition[],
): MetricDefinition[] {
  const all = new Map<string, MetricDefinition>();
  for (const metric of [...own, ...declaredMetrics(workloads)])
    if (!all.has(metric.name)) all.set(metric.name, metric);
  return [...all.values()];
}
