// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * The JSON of google-benchmark (`--benchmark_format=json`):
 * `{context, benchmarks: [one row per repetition]}`.
 *
 * The writer emits one row of `run_type` "iteration" per measured block, with `iterations` 1, times
 * in ns, and user plus system time as `cpu_time`. It emits no aggregates. `mhz_per_cpu` is 0 and
 * `caches` and `load_avg` are empty, as they are unknown.
 *
 * The reader takes `real_time` of each iteration row as one sample and groups samples by
 * `run_name`. It skips aggregates and rejects a benchmark that has only aggregates. It ignores CPU
 * times, counters and complexity fits.
 *
 * @see google/benchmark, `src/json_reporter.cc`; its `tools/compare.py` and
 *   `tools/gbench/report.py` read the format
 */
import { z } from 'zod';
import type { ImportedResult } from '#contract/import.js';
import { median } from '#statistics/median.js';
import { BrokenRule, Finite, Name, parsed, unique } from './reading.js';
import { benchmarkName, jsonText, type JobReport } from './report.js';

const NS_PER = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;

export function writeGoogleBenchmark({ job, host, cells, comparison }: JobReport): string {
  const benchmarks = cells.flatMap(({ workload, variant, runs }, family) => {
    const name = benchmarkName({ workload, variant });
    return runs.map((run, index) => ({
      name,
      family_index: family,
      per_family_instance_index: 0,
      run_name: name,
      run_type: 'iteration',
      repetitions: runs.length,
      repetition_index: index,
      threads: 1,
      iterations: 1,
      real_time: Number(run.wallNs),
      cpu_time: Number(run.userNs) + Number(run.systemNs),
      time_unit: 'ns',
      block: run.block,
      position: run.position,
      max_rss_bytes: Number(run.maxRssBytes),
    }));
  });
  const context = {
    date: job.startedAt ?? job.createdAt,
    host_name: comparison.hostFingerprints.join('+') || 'unknown',
    executable: `qibench job ${job.id}`,
    num_cpus: host?.cores ?? 0,
    mhz_per_cpu: 0,
    cpu_scaling_enabled: false,
    caches: [],
    load_avg: [],
    library_build_type: 'release',
  };
  return jsonText({ context, benchmarks });
}

const Row = z.object({
  name: Name,
  run_name: Name.optional(),
  run_type: z.enum(['iteration', 'aggregate']).default('iteration'),
  error_occurred: z.boolean().optional(),
  real_time: Finite.min(0).optional(),
  time_unit: z.enum(['ns', 'us', 'ms', 's']).optional(),
});
const Document = z.object({
  context: z.looseObject({ num_cpus: Finite }),
  benchmarks: z.array(Row),
});

export function readGoogleBenchmark(document: unknown): ImportedResult[] {
  const groups = new Map<string, { readonly index: number; readonly samples: number[] }>();
  for (const [index, row] of parsed(Document, document).benchmarks.entries()) {
    // a complexity fit has no time
    if (row.run_type === 'aggregate' && row.real_time === undefined) continue;
    const name = row.run_name ?? row.name;
    const group = groups.get(name) ?? { index, samples: [] };
    groups.set(name, group);
    if (row.run_type === 'aggregate') continue;
    if (row.error_occurred === true)
      throw new BrokenRule(
        ['benchmarks', index, 'error_occurred'],
        `"${name}" failed; a failed run has no time`,
      );
    if (row.real_time === undefined || row.time_unit === undefined)
      throw new BrokenRule(
        ['benchmarks', index, 'real_time'],
        'a row that is an iteration has real_time and time_unit',
      );
    group.samples.push(row.real_time * NS_PER[row.time_unit]);
  }
  return unique(
    [...groups].map(([name, { index, samples }]) => {
      if (samples.length === 0)
        throw new BrokenRule(
          ['benchmarks', index],
          `"${name}" has aggregates only; write the repetitions too`,
        );
      return {
        path: ['benchmarks', index, 'name'],
        benchmark: name,
        metric: 'wallNs',
        unit: 'ns',
        direction: 'smaller-is-better' as const,
        value: median(samples),
        low: null,
        high: null,
        samples,
      };
    }),
  );
}
