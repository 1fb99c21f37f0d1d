import type { ImportFormat } from '#contract/format.js';
import type { QibenchError } from '#contract/error.js';
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
    for (const said of [
      'hyperfine',
      'bmf',
      'custom-smaller-is-better',
      'google-benchmark',
    ] as const) {
      const read = () =>
        readDocument(
          said,
          JSON.parse(REPORT_WRITERS[written](report)),
          undefined,
          declaredMetrics([EXAMPLE_WORKLOAD]),
        );
      if (written === said) expect(read).not.toThrow();
      else expect(read).toThrow(`it looks like ${written}`);
    }
  }
});

const hyperfine = { command: 'x', mean: 2, median: 2, min: 1, max: 3, times: [1, 2, 3] };
const row = { name: 'x', run_name: 'x', run_type: 'iteration', real_time: 1, time_unit: 'ns' };
const context = { num_cpus: 1 };
test.each<[string, ImportFormat, unknown, string, RegExp]>([
  [
    'a median that does not match its times, like after a change of unit',
    'hyperfine',
    { results: [{ ...hyperfine, median: 2000 }] },
    'results.0.median',
    /not the median of "times"/,
  ],
  [
    'a command twice',
    'hyperfine',
    { results: [hyperfine, hyperfine] },
    'results.1.command',
    /appears twice/,
  ],
  ['no result', 'hyperfine', { results: [] }, '(document)', /no result/],
  [
    'a time that is text',
    'hyperfine',
    { results: [{ ...hyperfine, times: ['1'] }] },
    'results.0.times.0',
    /expected number/,
  ],
  [
    'a negative time',
    'hyperfine',
    { results: [{ ...hyperfine, times: [-1] }] },
    'results.0.times.0',
    /0/,
  ],
  ['null', 'hyperfine', null, '(document)', /expected object/],
  [
    'a measure without direction',
    'bmf',
    { a: { latency: { value: 1 } } },
    'a.latency',
    /give a direction/,
  ],
  [
    'a value outside of its interval',
    'bmf',
    { a: { 'wall-ns': { value: 5, lower_value: 6 } } },
    'a.wall-ns.value',
    /between/,
  ],
  ['an unknown key', 'bmf', { a: { 'wall-ns': { value: 5, low: 4 } } }, 'a.wall-ns', /low/],
  ['an empty document', 'bmf', {}, '(document)', /no result/],
  [
    'a range of another kind',
    'custom-smaller-is-better',
    [{ name: 'a', unit: 's', value: 1, range: 'wide' }],
    '0.range',
    /± number/,
  ],
  ['no unit', 'custom-smaller-is-better', [{ name: 'a', value: 1 }], '0.unit', /expected string/],
  [
    'aggregates only',
    'google-benchmark',
    { context, benchmarks: [{ ...row, run_type: 'aggregate' }] },
    'benchmarks.0',
    /aggregates only/,
  ],
  [
    'a run that failed',
    'google-benchmark',
    { context, benchmarks: [{ ...row, error_occurred: true }] },
    'benchmarks.0.error_occurred',
    /failed/,
  ],
  [
    'a row that was skipped',
    'google-benchmark',
    {
      context,
      benchmarks: [row, { ...row, name: 'y', real_time: 0, skipped: true, skip_message: 'no PMU' }],
    },
    'benchmarks.1.skipped',
    /"x" was skipped \(no PMU\); a skipped run has no time/,
  ],
  [
    'a second family of the same name',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, family_index: 0 },
        { ...row, family_index: 1 },
      ],
    },
    'benchmarks.1.family_index',
    /"x" names two families/,
  ],
  [
    'a second instance of the same name in a family',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, family_index: 0, per_family_instance_index: 0 },
        { ...row, family_index: 0, per_family_instance_index: 1 },
      ],
    },
    'benchmarks.1.per_family_instance_index',
    /"x" names two families/,
  ],
  [
    'a repetition twice',
    'google-benchmark',
    {
      context,
      benchmarks: [
        { ...row, repetition_index: 0 },
        { ...row, repetition_index: 0 },
      ],
    },
    'benchmarks.1.repetition_index',
    /"x" has the repetition 0 twice/,
  ],
  [
    'a run that ended with an exit status',
    'hyperfine',
    { results: [{ ...hyperfine, exit_codes: [0, 0, 3] }] },
    'results.0.exit_codes.2',
    /ended with status 3; a failed run has no time/,
  ],
  [
    'a run that a signal ended',
    'hyperfine',
    { results: [{ ...hyperfine, exit_codes: [0, null, 0] }] },
    'results.0.exit_codes.1',
    /a signal ended the run; a failed run has no time/,
  ],
  [
    'an unknown unit of time',
    'google-benchmark',
    { context, benchmarks: [{ ...row, time_unit: 'min' }] },
    'benchmarks.0.time_unit',
    /ns/,
  ],
])('%s is refused with place and rule', (_, format, document, path, rule) => {
  let refused: QibenchError | undefined;
  try {
    readDocument(format, document);
  } catch (error) {
    refused = error as QibenchError;
  }

  expect(refused).toMatchObject({
    code: 'BAD_IMPORT',
    details: [{ path, message: expect.stringMatching(rule) as string }],
  });
});

test("google-benchmark's units become nanoseconds, and its aggregates are omitted", () => {
  const document = {
    context,
    benchmarks: [
      { ...row, real_time: 1.5, time_unit: 'ms' },
      { ...row, real_time: 2, time_unit: 'us' },
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
