// SPDX-License-Identifier: GPL-2.0-or-later
import type { ImportFormat } from '#contract/format.js';
import { declaredMetrics } from '#contract/metric.js';
import { readDocument, REPORT_WRITERS } from '#formats/formats.js';
import { benchmarkName } from '#formats/report.js';
import { EXAMPLE_WORKLOAD, exampleReport, IMPORTABLE_NAMES } from '#support/example-report.js';

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
const back = (format: ImportFormat, report: ReturnType<typeof exampleReport>) =>
  readDocument(
    format,
    JSON.parse(REPORT_WRITERS[format](report)),
    undefined,
    declaredMetrics([EXAMPLE_WORKLOAD]),
  );

test.each(['hyperfine', 'google-benchmark'] as const)(
  'every measured wall time and every name survives %s, to the nanosecond',
  (format) => {
    for (const seed of SEEDS) {
      const report = exampleReport(IMPORTABLE_NAMES, seed);

      expect(
        back(format, report).map(({ benchmark, samples, metric, unit }) => ({
          benchmark,
          samples,
          metric,
          unit,
        })),
      ).toEqual(
        report.cells.map((cell) => ({
          benchmark: benchmarkName(cell),
          samples: cell.runs.map(({ wallNs }) => Number(wallNs)),
          metric: 'wallNs',
          unit: 'ns',
        })),
      );
    }
  },
);

test('every measure, interval, unit and name survives bmf', () => {
  for (const seed of SEEDS) {
    const report = exampleReport(IMPORTABLE_NAMES, seed);
    const key = ({ benchmark, metric }: { benchmark: string; metric: string }) =>
      `${benchmark}\n${metric}`;

    const expected = report.measures.map((measure) => ({
      benchmark: benchmarkName(measure),
      metric: measure.metric,
      unit: measure.unit,
      direction: measure.direction,
      value: measure.value,
      low: measure.low,
      high: measure.high,
      samples: null,
    }));
    expect(new Set(expected.map(({ metric }) => metric))).toEqual(
      new Set([
        'wallNs',
        'wallRatio',
        'cpuNs',
        'minorFaults',
        'majorFaults',
        'voluntarySwitches',
        'involuntarySwitches',
        'userNs',
        'systemNs',
        'maxRssBytes',
        'hostInstructions',
        'guestInstructions',
        'writes',
      ]),
    );
    expect(back('bmf', report).sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(
      expected.sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    );
  }
});

test(
  'every smaller-is-better measure, and no other, survives custom-smaller-is-better, with its ' +
    'interval widened to symmetry',
  () => {
    for (const seed of SEEDS) {
      const report = exampleReport(IMPORTABLE_NAMES, seed);
      const smaller = report.measures.filter(({ metric }) => metric !== 'writes');
      const results = back('custom-smaller-is-better', report);
      expect(results).toHaveLength(smaller.length);
      for (const [index, result] of results.entries()) {
        const { value, low, high, metric, unit } = smaller[index]!;

        expect(result).toMatchObject({
          benchmark: `${benchmarkName(smaller[index]!)} ${metric}`,
          value,
          unit,
          direction: 'smaller-is-better',
        });
        if (low === null) expect(result.low).toBeNull();
        else
          expect(result.high! - result.low!).toBeCloseTo(
            2 * Math.max(value - low, high! - value),
            3,
          );
      }
    }
  },
);

test('an undeclared metric needs an explicit direction', () => {
  const document = JSON.parse(REPORT_WRITERS.bmf(exampleReport(['port-io']))) as unknown;

  expect(() => readDocument('bmf', document)).toThrow(
    'port-io/none.writes: the format does not say whether this should be small or large; give a direction',
  );
});

test('a name that Postgres cannot store is refused, with its place', () => {
  for (const name of ['nul\u0000byte', 'half \ud800 pair']) {
    expect(() => back('hyperfine', exampleReport([name]))).toThrow(
      'results.0.command: contains a NUL or half a surrogate pair',
    );
    expect(() => back('bmf', exampleReport([name]))).toThrow(
      'contains a NUL or half a surrogate pair',
    );
  }
});

test('a document of another format is refused, and the error names the format that it resembles', () => {
  const report = exampleReport(['port-io']);
  for (const written of [
    'hyperfine',
    'bmf',
    'custom-smaller-is-better',
    'google-benchmark',
  ] as const) {
    for (const declared of [
      'hyperfine',
      'bmf',
      'custom-smaller-is-better',
      'google-benchmark',
    ] as const) {
      const read = () =>
        readDocument(
          declared,
          JSON.parse(REPORT_WRITERS[written](report)),
          undefined,
          declaredMetrics([EXAMPLE_WORKLOAD]),
        );
      if (written === declared) expect(read).not.toThrow();
      else expect(read).toThrow(`it looks like ${written}`);
    }
  }
});

const row = { name: 'x', run_name: 'x', run_type: 'iteration', real_time: 1, time_unit: 'ns' };
const context = { num_cpus: 1 };
test("google-benchmark's units become nanoseconds, and its aggregates are omitted", () => {
  const document = {
    context,
    benchmarks: [
      { ...row, repetition_index: 0, real_time: 1.5, time_unit: 'ms' },
      { ...row, repetition_index: 1, real_time: 2, time_unit: 'us' },
      { ...row, name: 'x_mean', run_type: 'aggregate', real_time: 9 },
    ],
  };

  expect(readDocument('google-benchmark', document)).toMatchObject([
    { benchmark: 'x', samples: [1.5e6, 2000] },
  ]);
});

test('`__proto__` is an ordinary name', () => {
  const document = JSON.parse('{"__proto__": {"__proto__": {"value": 1}}}') as unknown;

  expect(readDocument('bmf', document, 'larger-is-better')).toMatchObject([
    { benchmark: '__proto__', metric: '__proto__', direction: 'larger-is-better', value: 1 },
  ]);
});
