// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * hyperfine's JSON: `{"results": [{command, mean, stddev, median, user, system, min, max, times,
 * exit_codes, …}]}`.
 *
 * The writer emits times in seconds. `times`, `memory_usage_byte` and `exit_codes` have one entry
 * per measured block, in the order of the blocks. Every measured run is good, which hyperfine
 * writes as exit code 0: a guest's own status of success may be another. `user` and `system` are
 * means, as in hyperfine. `stddev` is null with one run.
 *
 * The reader turns `times` into samples in whole ns. It ignores user and system times, which are
 * means without single values. It rejects a run that failed (an exit code that is not 0, or null for
 * a signal), a time of 0, and another number of exit codes than of times.
 *
 * @see hyperfine, `src/benchmark/benchmark_result.rs` and `src/export/json.rs`; its `scripts/*.py`
 *   read `results`, `command`, `mean`, `stddev`, `median`, `times` and `parameters`
 */
import { z } from 'zod';
import type { ImportedResult } from '#contract/import.js';
import { median } from '#statistics/median.js';
import { BrokenRule, Finite, Name, parsed, unique } from './reading.js';
import { benchmarkName, jsonText, type JobReport } from './report.js';

const NS = 1e9;

export function writeHyperfine({ cells }: JobReport): string {
  const results = cells.map(({ workload, variant, runs }) => {
    const seconds = (pick: (run: (typeof runs)[number]) => string): number[] =>
      runs.map((run) => Number(pick(run)) / NS);
    const times = seconds((run) => run.wallNs);
    return {
      command: benchmarkName({ workload, variant }),
      mean: mean(times),
      stddev: standardDeviation(times),
      median: median(times),
      user: mean(seconds((run) => run.userNs)),
      system: mean(seconds((run) => run.systemNs)),
      min: Math.min(...times),
      max: Math.max(...times),
      times,
      memory_usage_byte: runs.map((run) => Number(run.maxRssBytes)),
      exit_codes: runs.map(() => 0),
      parameters: { workload, variant },
    };
  });
  return jsonText({ results });
}

const Document = z.object({
  results: z.array(
    z.object({
      command: Name,
      mean: Finite,
      median: Finite.min(0),
      min: Finite,
      max: Finite,
      times: z.array(Finite.min(0)).min(1).optional(),
      exit_codes: z.array(z.number().int().nullable()).optional(),
    }),
  ),
});

/**
 * Reads hyperfine's JSON.
 * @throws {BrokenRule} The document breaks a rule. One rule is that `median` is the median of
 *   `times`; otherwise one of the two has another unit or was edited.
 */
export function readHyperfine(document: unknown): ImportedResult[] {
  return unique(
    parsed(Document, document).results.map((result, index) => {
      const { times, exit_codes: statuses } = result;
      if (
        times !== undefined &&
        Math.abs(median(times) - result.median) > 1e-6 * Math.max(result.median, 1e-9)
      ) {
        throw new BrokenRule(
          ['results', index, 'median'],
          `${result.median} is not the median of "times", ${median(times)}`,
        );
      }
      const failed = statuses?.findIndex((status) => status !== 0) ?? -1;
      if (failed !== -1)
        throw new BrokenRule(
          ['results', index, 'exit_codes', failed],
          `${endingOf(statuses![failed]!)}; a failed run has no time`,
        );
      if (times !== undefined && statuses !== undefined && statuses.length !== times.length)
        throw new BrokenRule(
          ['results', index, 'exit_codes'],
          `${statuses.length} exit codes for ${times.length} times`,
        );
      const seconds = [result.median, ...(times ?? [])];
      const zero = seconds.indexOf(0);
      if (zero !== -1)
        throw new BrokenRule(
          zero === 0 ? ['results', index, 'median'] : ['results', index, 'times', zero - 1],
          'a time of 0 was not measured; a shorter command needs `hyperfine --shell=none`',
        );
      const long = seconds.find((time) => !Number.isFinite(time * NS));
      if (long !== undefined)
        throw new BrokenRule(['results', index], `${long} s is too long to be a time in ns`);
      const ns = (value: number): number => Math.round(value * NS);
      return {
        path: ['results', index, 'command'],
        benchmark: result.command,
        metric: 'wallNs',
        unit: 'ns',
        direction: 'smaller-is-better' as const,
        value: times === undefined ? ns(result.median) : median(times.map(ns)),
        low: null,
        high: null,
        samples: times?.map(ns) ?? null,
      };
    }),
  );
}

const endingOf = (status: number | null): string =>
  status === null ? 'a signal ended the run' : `the run ended with status ${status}`;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1),
  );
}
