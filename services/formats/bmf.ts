/**
 * Bencher Metric Format: `{"<benchmark>": {"<measure>": {value, lower_value?, upper_value?}}}`.
 *
 * Source: https://bencher.dev/docs/reference/bencher-metric-format and its schema, https://bencher.dev/bmf.json.
 *
 * The format has neither units nor directions nor single runs. Written: medians with the ends of their intervals; the
 * unit is in the name of the measure. Bencher's own limits: a name of a benchmark has at most 1024 characters, one of a
 * measure 64; a name that ends in `-bencher-ignore` silences alerts there. What a workload declares has its own name.
 * Read: our measures, and what workloads are known to declare, as ours; any other needs to be told its direction.
 * `__proto__` is a name like any other.
 */
import { z } from 'zod';
import type { Direction } from '../contract/comparison.js';
import { IMPORT_LIMITS, type ImportedResult } from '../contract/import.js';
import { MEASURES, type MeasureName, type MetricDefinition } from '../contract/metric.js';
import { storable } from '../contract/project.js';
import { BrokenRule, Finite, Name, parsed, unique } from './reading.js';
import { benchmarkName, jsonText, type JobReport } from './report.js';

const NAMES: Readonly<Record<MeasureName, string>> = {
  wallNs: 'wall-ns',
  wallRatio: 'wall-ratio',
  cpuNs: 'cpu-ns',
  userNs: 'user-ns',
  systemNs: 'system-ns',
  minorFaults: 'minor-faults',
  majorFaults: 'major-faults',
  voluntarySwitches: 'voluntary-switches',
  involuntarySwitches: 'involuntary-switches',
  maxRssBytes: 'max-rss-bytes',
  hostInstructions: 'host-instructions',
  guestInstructions: 'guest-instructions',
};
const METRICS: ReadonlyMap<string, MetricDefinition> = new Map(
  MEASURES.map((metric) => [NAMES[metric.name], metric]),
);

export function writeBmf({ measures }: JobReport): string {
  const benchmarks = new Map<string, [string, object][]>();
  for (const measure of measures) {
    const name = benchmarkName(measure);
    const { value, low, high } = measure;
    const numbers = {
      value,
      ...(low === null ? {} : { lower_value: low }),
      ...(high === null ? {} : { upper_value: high }),
    };
    benchmarks.set(name, [
      ...(benchmarks.get(name) ?? []),
      [NAMES[measure.metric as MeasureName] ?? measure.metric, numbers],
    ]);
  }
  return jsonText(
    Object.fromEntries(
      [...benchmarks].map(([name, entries]) => [name, Object.fromEntries(entries)]),
    ),
  );
}

const Numbers = z.strictObject({
  value: Finite,
  lower_value: Finite.optional(),
  upper_value: Finite.optional(),
});
const MeasureText = storable(z.string().min(1).max(IMPORT_LIMITS.metricLength));

/**
 * @param direction of measures that are not ours
 * @param declared metrics that workloads declare
 */
export function readBmf(
  document: unknown,
  direction?: Direction,
  declared: readonly MetricDefinition[] = [],
): ImportedResult[] {
  const results = entries(document, []).flatMap(([benchmark, measures]) =>
    entries(measures, [benchmark]).map(([measure, numbers]) => {
      const path = [benchmark, measure];
      at(path, () => parsed(Name, benchmark));
      at(path, () => parsed(MeasureText, measure));
      const {
        value,
        lower_value: low = null,
        upper_value: high = null,
      } = at(path, () => parsed(Numbers, numbers));
      if ((low ?? value) > value || (high ?? value) < value)
        throw new BrokenRule(
          [...path, 'value'],
          'does not lie between lower_value and upper_value',
        );
      const metric = METRICS.get(measure) ?? declared.find(({ name }) => name === measure);
      const known = metric?.direction ?? direction;
      if (known === undefined)
        throw new BrokenRule(
          path,
          'the format does not say whether this should be small or large; give a direction',
        );
      return {
        path,
        benchmark,
        metric: metric?.name ?? measure,
        unit: metric?.unit ?? '',
        direction: known,
        value,
        low,
        high,
        samples: null,
      };
    }),
  );
  return unique(results);
}

/** The entries of an object, whatever their names are. */
function entries(value: unknown, path: readonly string[]): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BrokenRule(path, 'is not an object');
  return Object.entries(value);
}

/** Do something whose broken rules are at this path. */
function at<T>(path: readonly PropertyKey[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof BrokenRule
      ? new BrokenRule([...path, ...error.path], error.rule)
      : error;
  }
}
