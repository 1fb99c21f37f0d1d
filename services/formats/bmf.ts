// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Bencher Metric Format: `{"<benchmark>": {"<measure>": {value, lower_value?, upper_value?}}}`.
 *
 * The format has no units, directions or single runs. The writer emits medians with the ends of
 * their intervals; the unit is part of the measure's name. Metrics that a workload declares keep
 * their names. The reader recognises the measures of qibench and the declared metrics; any other
 * measure requires a direction from the caller. `__proto__` is an ordinary name.
 *
 * Bencher's own limits: a benchmark's name has at most 1024 characters, a measure's name 64. A name
 * that ends in `-bencher-ignore` silences alerts there.
 *
 * @see https://bencher.dev/docs/reference/bencher-metric-format
 * @see https://bencher.dev/bmf.json
 */
import { z } from 'zod';
import type { Direction } from '#contract/comparison.js';
import { IMPORT_LIMITS, type ImportedResult } from '#contract/import.js';
import { MEASURES, type MeasureName, type MetricDefinition } from '#contract/metric.js';
import { storable } from '#contract/project.js';
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
 * Reads a document in Bencher Metric Format.
 * @param direction Direction of measures that are not qibench's.
 * @param declared Metrics that workloads declare.
 * @throws {BrokenRule} The document breaks a rule of the format.
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

/** Returns the entries of an object. */
function entries(value: unknown, path: readonly string[]): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BrokenRule(path, 'is not an object');
  return Object.entries(value);
}

/** Runs `work` and prefixes the path of its broken rule. */
function at<T>(path: readonly PropertyKey[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof BrokenRule
      ? new BrokenRule([...path, ...error.path], error.rule)
      : error;
  }
}
