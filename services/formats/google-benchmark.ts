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
 * `run_name`. It skips aggregates and rejects a benchmark that has only aggregates, a run that
 * failed or was skipped, a time of 0, and two benchmarks of one name. Rows of one name need a
 * `repetition_index`, because old versions write two benchmarks of one name without any index. It
 * ignores CPU times, counters and complexity fits.
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
  skipped: z.boolean().optional(),
  skip_message: z.string().optional(),
  family_index: Finite.optional(),
  per_family_instance_index: Finite.optional(),
  repetition_index: Finite.optional(),
  real_time: Finite.min(0).optional(),
  time_unit: z.enum(['ns', 'us', 'ms', 's']).optional(),
});
const Document = z.object({
  context: z.looseObject({ num_cpus: Finite }),
  benchmarks: z.array(Row),
});

type Row = z.infer<typeof Row>;

/** Rows of one benchmark: the first row, and the times of the repetitions. */
interface Group {
  readonly index: number;
  readonly first: Row;
  readonly repetitions: Set<number | undefined>;
  readonly samples: number[];
}

export function readGoogleBenchmark(document: unknown): ImportedResult[] {
  const groups = new Map<string, Group>();
  for (const [index, row] of parsed(Document, document).benchmarks.entries()) {
    // a complexity fit has no time
    if (row.run_type === 'aggregate' && row.real_time === undefined) continue;
    const name = row.run_name ?? row.name;
    const group = groups.get(name) ?? { index, first: row, repetitions: new Set(), samples: [] };
    groups.set(name, group);
    if (row.run_type === 'aggregate') continue;
    group.samples.push(timeNs(row, { name, index, group }));
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

/**
 * Returns the time of an iteration row.
 * @throws {BrokenRule} The run has no time, or belongs to another benchmark of the same name.
 */
function timeNs(
  row: Row,
  { name, index, group }: { name: string; index: number; group: Group },
): number {
  const refuse = (field: keyof Row, rule: string) =>
    new BrokenRule(['benchmarks', index, field], rule);
  if (row.error_occurred === true)
    throw refuse('error_occurred', `"${name}" failed; a failed run has no time`);
  if (row.skipped === true) {
    const reason = row.skip_message === undefined ? '' : ` (${row.skip_message})`;
    throw refuse('skipped', `"${name}" was skipped${reason}; a skipped run has no time`);
  }
  if (row.real_time === undefined || row.time_unit === undefined)
    throw refuse('real_time', 'a row that is an iteration has real_time and time_unit');
  for (const field of ['family_index', 'per_family_instance_index'] as const)
    if (row[field] !== group.first[field])
      throw refuse(field, `"${name}" names two families; give each benchmark its own name`);
  const { repetition_index: repetition } = row;
  const { repetitions } = group;
  // Without it, another benchmark of the same name looks like a repetition.
  if (repetitions.size > 0 && (repetition === undefined || repetitions.has(undefined)))
    throw refuse(
      'repetition_index',
      `"${name}" has several rows; each needs a repetition_index, which google-benchmark writes ` +
        'since 1.5.0, or a name of its own',
    );
  if (repetitions.has(repetition))
    throw refuse('repetition_index', `"${name}" has the repetition ${repetition} twice`);
  repetitions.add(repetition);
  const ns = row.real_time * NS_PER[row.time_unit];
  if (ns === 0) throw refuse('real_time', 'a time of 0 was not measured');
  if (!Number.isFinite(ns)) throw refuse('real_time', 'is too long to be a time in ns');
  return ns;
}
