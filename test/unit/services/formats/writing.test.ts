// SPDX-License-Identifier: GPL-2.0-or-later
import { writeBmf } from '#formats/bmf.js';
import { writeCsv } from '#formats/csv.js';
import { writeCustomSmallerIsBetter } from '#formats/custom-smaller-is-better.js';
import { writeHyperfine } from '#formats/hyperfine.js';
import { writeJunit } from '#formats/junit.js';
import { writeNdjson } from '#formats/ndjson.js';
import { intervalWords } from '#contract/interval-words.js';
import { exampleReport, HOSTILE_NAMES } from '#support/example-report.js';

async function* batches<T>(samples: readonly T[]): AsyncGenerator<T[]> {
  for (let at = 0; at < samples.length; at += 10) yield samples.slice(at, at + 10);
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** Reads CSV strictly by RFC 4180, as a second, independent implementation of the format. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let record: string[] = []; field.lastIndex < text.length;) {
    const [, quoted, plain, end] = field.exec(text) ?? [];
    if (end === undefined) throw new Error('not RFC 4180');
    record.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

test('hyperfine is in seconds, from measured blocks only', () => {
  const report = exampleReport(['port-io']);
  const { results } = JSON.parse(writeHyperfine(report)) as {
    results: {
      command: string;
      times: number[];
      median: number;
      exit_codes: number[];
      parameters: object;
    }[];
  };

  expect(results).toHaveLength(2);
  expect(results[0]).toMatchObject({
    command: 'port-io/none',
    exit_codes: [0, 0, 0, 0, 0, 0],
    parameters: { workload: 'port-io', variant: 'none' },
  });
  expect(results[0]!.times).toEqual(
    report.cells[0]!.runs.map(({ wallNs }) => Number(wallNs) / 1e9),
  );
  expect(results[0]!.median * 1e9).toBeCloseTo(report.comparison.rows[0]!.medianWallNs, 3);
});

test("bmf has the comparison's interval as lower and upper value, and no ratio for the baseline", () => {
  const report = exampleReport(['port-io']);
  const document = JSON.parse(writeBmf(report)) as Record<string, Record<string, object>>;
  const { ratio, low, high } = report.comparison.rows[1]!.ratio!;

  expect(document['port-io/dynamic']!['wall-ratio']).toEqual({
    value: ratio,
    lower_value: low,
    upper_value: high,
  });
  expect(Object.keys(document['port-io/none']!)).toEqual([
    'wall-ns',
    'cpu-ns',
    'user-ns',
    'system-ns',
    'minor-faults',
    'major-faults',
    'voluntary-switches',
    'involuntary-switches',
    'max-rss-bytes',
    'host-instructions',
    'guest-instructions',
    'writes',
  ]);
});

test('CSV has one record per sample and no field that a spreadsheet reads as a formula', async () => {
  const { job, samples } = exampleReport(HOSTILE_NAMES);
  const [head, ...records] = readCsv(await whole(writeCsv(job, batches(samples))));

  expect(records).toHaveLength(samples.length);
  expect(records.every((record) => record.length === head!.length)).toBe(true);
  expect(records.flat().filter((field) => /^[=+\-@\t\r\n]/.test(field))).toEqual([]);
  const workloads = records.map((record) =>
    record[head!.indexOf('workload')]!.replace(/^'(?=[=+\-@\t\r\n])/, ''),
  );
  expect(workloads).toEqual(samples.map(({ workload }) => workload));
  expect(records.map((record) => record[head!.indexOf('wall_ns')])).toEqual(
    samples.map(({ wallNs }) => wallNs),
  );
});

test('NDJSON has one sample per line, with schema, job, commit, block, position and fingerprint', async () => {
  const { job, samples } = exampleReport(HOSTILE_NAMES);
  const lines = (await whole(writeNdjson(job, batches(samples))))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);

  expect(lines).toEqual(
    samples.map((sample) => ({
      schema: 'qibench.sample/1',
      jobId: job.id,
      jobName: job.name,
      project: 'p',
      branch: null,
      commit: 'abc1234',
      ...sample,
    })),
  );
});

test(
  "JUnit of a job without a base contains the variants' costs, and no failed or skipped case " +
    'for them',
  () => {
    const report = exampleReport(['port-io', 'boot']);
    expect(report.comparison.rows.map(({ verdict }) => verdict)).toEqual([
      null,
      'regression',
      null,
      'regression',
    ]);

    for (const advisoryReasons of [[], ['host h']]) {
      const xml = writeJunit({ ...report, advisoryReasons });
      expect(xml.match(/<testcase /g)).toHaveLength(4);
      expect(xml).toContain('tests="4" failures="0" errors="0" skipped="0"');
      expect(xml).not.toMatch(/<failure|<skipped|regression/);
      expect(xml).toContain(`name="ratio" value="${report.comparison.rows[1]!.ratio!.ratio}"`);
    }
  },
);

test('JUnit judges every metric that has a threshold, under its own name', () => {
  const report = exampleReport(['port-io'], 1, 1.1, 1.1);
  const sides = report.comparison.sides.map((row) => ({
    ...row,
    verdict: row.variant === 'none' ? ('no-change' as const) : ('regression' as const),
  }));
  const user = { ...report.comparison, metric: 'userNs', sides, changes: [] };
  const xml = writeJunit({
    ...report,
    comparisons: [{ ...report.comparison, sides: [], changes: [], rows: [] }, user],
  });

  expect(
    [...xml.matchAll(/<testcase classname="port-io" name="([^"]*)" time="0.000000"/g)].map(
      ([, name]) => name,
    ),
  ).toEqual(['none, userNs', 'dynamic, userNs']);
  expect(xml).toMatch(
    /<failure type="regression" message="dynamic of head has 1\.\d\d\d times the userNs, between /,
  );
});

test(
  'JUnit of a job with a base judges head against base and the overheads, and fails for ' +
    'confirmed regressions only',
  () => {
    const report = exampleReport(['port-io', 'boot'], 1, 1.1, 1.1);
    const xml = writeJunit(report);
    const cases = [...xml.matchAll(/<testcase classname="boot" name="([^"]*)"/g)].map(
      ([, name]) => name,
    );

    expect(cases).toEqual(['none', 'dynamic', 'dynamic: overhead']);
    expect(report.comparison.sides.map(({ verdict }) => verdict)).toEqual(
      Array(4).fill('regression'),
    );
    // Head is slower as a whole: overheads are unchanged.
    expect(xml).toContain('tests="6" failures="4" errors="0" skipped="0"');
    for (const slower of [1, 0.9])
      expect(writeJunit(exampleReport(['port-io'], 1, 1.1, slower))).not.toContain('<failure');
    const once = {
      ...report.comparison,
      sides: report.comparison.sides.map((row) => ({
        ...row,
        verdict: 'inconclusive' as const,
        suspected: true,
        confirmation: null,
      })),
    };
    expect(writeJunit({ ...report, comparisons: [once] })).not.toContain('<failure');
  },
);

test('JUnit skips an advisory failure, with the reason', () => {
  const xml = writeJunit({
    ...exampleReport(['port-io'], 1, 1.1, 1.1),
    advisoryReasons: ['host h called "x" a difference'],
  });

  expect(xml).toContain('tests="3" failures="0" errors="0" skipped="2"');
  expect(
    xml.match(/<skipped message="[^"]*host h called &quot;x&quot; a difference"/g),
  ).toHaveLength(2);
});

test(
  "exports of a job with a base show the head side's first batch, and sample exports every " +
    'sample with side and batch',
  async () => {
    const report = exampleReport(['port-io'], 1, 1.1, 2);
    const first = report.samples
      .filter(
        ({ batch, block, side, variant }) =>
          batch === 1 && block > 0 && side === 'head' && variant === 'none',
      )
      .map(({ wallNs }) => Number(wallNs) / 1e9);

    const { results } = JSON.parse(writeHyperfine(report)) as {
      results: { command: string; times: number[] }[];
    };
    expect(results.map(({ command }) => command)).toEqual(['port-io/none', 'port-io/dynamic']);
    expect(results[0]!.times).toEqual(first);
    expect(Object.keys(JSON.parse(writeBmf(report)) as object)).toEqual([
      'port-io/none',
      'port-io/dynamic',
    ]);
    expect(
      report.measures.find(({ metric, variant }) => metric === 'wallNs' && variant === 'none')!
        .value / 4e9,
    ).toBeCloseTo(1, 1);
    const [head, ...records] = readCsv(await whole(writeCsv(report.job, batches(report.samples))));
    expect(
      records.map((record) => ['side', 'batch'].map((name) => record[head!.indexOf(name)])),
    ).toEqual(report.samples.map(({ side, batch }) => [side, String(batch)]));
  },
);

test('the JUnit report of a job that has not succeeded has an error', () => {
  const report = exampleReport(['port-io']);
  for (const state of ['queued', 'measuring', 'failed', 'cancelled'] as const) {
    expect(writeJunit({ ...report, job: { ...report.job, state } })).toMatch(
      /errors="1"[^]*<error /,
    );
  }
});

test('JUnit contains only characters that XML allows', () => {
  const xml = writeJunit(exampleReport(HOSTILE_NAMES));

  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
  expect(xml).not.toContain('<script');
});

test('custom-smaller-is-better names the interval and its actual level', () => {
  const report = exampleReport(['port-io']);
  const entries = JSON.parse(writeCustomSmallerIsBetter(report)) as {
    name: string;
    range?: string;
    extra: string;
  }[];
  const { ratio, low, high } = report.comparison.rows[1]!.ratio!;

  expect(entries.find(({ name }) => name === 'port-io/dynamic wallRatio')).toEqual({
    name: 'port-io/dynamic wallRatio',
    unit: '1',
    value: ratio,
    range: `± ${Math.max(ratio - low, high - ratio)}`,
    extra:
      `job: ${report.job.id}\nblocks: 6\ninterval: ${low} to ${high} at 96.9 %\nanswer: ` +
      `slower: ${intervalWords({ low, high })}\nMDE: ` +
      `${report.comparison.rows[1]!.minimumDetectableRatio}`,
  });
});
