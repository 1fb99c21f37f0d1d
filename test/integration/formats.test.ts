import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Comparison } from '#contract/comparison.js';
import { EXPORT_FORMATS } from '#contract/format.js';
import type { Import } from '#contract/import.js';
import { recordHost } from '#store/builds.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { execute, installPackages } from '#support/debian-tools.js';
import { measuredJob } from '#support/measured-job.js';
import { exampleReport, IMPORTABLE_NAMES } from '#support/example-report.js';

// Debian's own Python: python3-scipy is built for it.
const PYTHON = '/usr/bin/python3';
const folder = mkdtempSync(join(tmpdir(), 'qibench-formats-'));
const { samples } = exampleReport(IMPORTABLE_NAMES);

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let client: Client;
let jobId: string;
beforeAll(async () => {
  await installPackages(
    'hyperfine',
    'libbenchmark-tools',
    'libxml2-utils',
    'python3',
    'python3-scipy',
  );
  store = await openStore(process.env.TEST_DATABASE_URL!);
  await recordHost(store, {
    digest: 'sha256:host',
    cpuModel: 'x',
    cpuFlags: 'x',
    microcode: 'x',
    cores: 2,
    memoryBytes: 1,
    kernel: 'x',
    docker: 'x',
    runtime: 'x',
  });
  jobId = await measuredJob(store, samples, {
    name: '<job> & "co"',
    project: 'formats',
    commit: 'abc1234',
  });
  api = await startApi();
  client = api.client;
}, 300_000);
afterAll(async () => {
  await api.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

const open = (format: string) => client.open(`/v1/jobs/${jobId}/export?format=${format}`);

/** Writes the export to a file. */
async function exported(format: string): Promise<string> {
  const file = join(folder, `export.${format}`);
  writeFileSync(file, await (await open(format)).text());
  return file;
}

const command = (...words: string[]) =>
  execute(process.execPath, ['dist/services/cli/main.js', '--server', client.server, ...words], {
    maxBuffer: 2 ** 26,
  });

test('every format has its content type and a file name', async () => {
  const headers = await Promise.all(
    EXPORT_FORMATS.map(async (format) => {
      const response = await open(format);
      await response.arrayBuffer();
      return [
        format,
        response.headers.get('content-type'),
        response.headers.get('content-disposition'),
      ];
    }),
  );

  const json = 'application/json; charset=utf-8';
  const file = (extension: string) => `attachment; filename="qibench-${jobId}.${extension}"`;
  expect(headers).toEqual([
    ['hyperfine', json, file('hyperfine.json')],
    ['bmf', json, file('bmf.json')],
    ['custom-smaller-is-better', json, file('custom-smaller-is-better.json')],
    ['google-benchmark', json, file('google-benchmark.json')],
    ['junit', 'application/xml; charset=utf-8', file('junit.xml')],
    ['csv', 'text/csv; charset=utf-8; header=present', file('csv')],
    ['ndjson', 'application/x-ndjson; charset=utf-8', file('ndjson')],
  ]);
});

test('an unknown format and an unknown job are errors of the catalogue', async () => {
  await expect(open('xlsx')).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'format' }],
  });
  await expect(
    client.open('/v1/jobs/00000000-0000-4000-8000-000000000000/export?format=csv'),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test(
  "numpy and scipy compute the comparison's medians from the hyperfine export, and hyperfine's " +
    'own figures',
  async () => {
    const script = `
import json, sys
import numpy as np
from scipy import stats
out = []
for result in json.load(open(sys.argv[1]))["results"]:
    times = result["times"]
    computed = [float(figure(times)) for figure in (np.median, stats.tmean, stats.tstd)]
    out.append([result["command"], *computed, result["median"], result["mean"], result["stddev"]])
print(json.dumps(out))`;
    const { stdout } = await execute(PYTHON, ['-c', script, await exported('hyperfine')]);
    const found = JSON.parse(stdout) as [string, ...number[]][];
    const { rows } = await client.get<Comparison>(`/v1/jobs/${jobId}/comparison`);

    expect(found.map(([name]) => name)).toEqual(
      rows.map(({ workload, variant }) => `${workload}/${variant}`),
    );
    for (const [index, [, median, mean, deviation, ...ours]] of found.entries()) {
      for (const [place, theirs] of [median!, mean!, deviation!].entries())
        expect(ours[place]! / theirs).toBeCloseTo(1, 9);
      expect((median! * 1e9) / rows[index]!.medianWallNs).toBeCloseTo(1, 9);
    }
  },
);

test("scipy computes the comparison's ratio, exact interval and p value from the NDJSON samples", async () => {
  const script = `
import collections, json, sys
import numpy as np
from scipy import stats
times = collections.defaultdict(dict)
for line in open(sys.argv[1]):
    sample = json.loads(line)
    if sample["block"] > 0: times[sample["workload"], sample["block"]][sample["variant"]] = int(sample["wallNs"])
workloads = collections.defaultdict(list)
for (workload, block), run in sorted(times.items()): workloads[workload].append(np.log(run["dynamic"] / run["none"]))
out = {}
for workload, x in workloads.items():
    walsh = [(x[i] + x[j]) / 2 for i in range(len(x)) for j in range(i, len(x))]
    interval = [float(np.exp(y)) for y in (np.median(x), min(walsh), max(walsh))]
    out[workload] = [*interval, float(stats.wilcoxon(x, method="exact").pvalue)]
print(json.dumps(out))`;
  const { stdout } = await execute(PYTHON, ['-c', script, await exported('ndjson')]);
  const found = new Map(Object.entries(JSON.parse(stdout) as Record<string, number[]>));
  const { rows } = await client.get<Comparison>(`/v1/jobs/${jobId}/comparison`);
  const ratios = rows.filter(({ ratio }) => ratio !== null);

  expect(ratios.map(({ workload }) => workload).sort()).toEqual([...found.keys()].sort());
  for (const { workload, ratio, pValue } of ratios) {
    // With six blocks the exact interval spans all Walsh averages.
    for (const [place, ours] of [ratio!.ratio, ratio!.low, ratio!.high, pValue!].entries())
      expect(ours / found.get(workload)![place]!).toBeCloseTo(1, 9);
  }
});

test("google-benchmark's compare.py reads the export, and its U test separates dynamic from none", async () => {
  const one = await measuredJob(store, exampleReport(['port-io']).samples);
  const file = join(folder, 'google.json');
  writeFileSync(
    file,
    await (await client.open(`/v1/jobs/${one}/export?format=google-benchmark`)).text(),
  );
  const result = join(folder, 'compared.json');
  await execute(PYTHON, [
    '/usr/share/benchmark/compare.py',
    '--no-color',
    '-d',
    result,
    'filters',
    file,
    '.*/none',
    '.*/dynamic',
  ]);
  const [compared] = JSON.parse(readFileSync(result, 'utf8')) as {
    measurements: { time: number }[];
    utest: { time_pvalue: number; nr_of_repetitions: number };
  }[];

  expect(compared!.measurements).toHaveLength(6);
  expect(compared!.measurements[0]!.time).toBeCloseTo(0.1, 1);
  expect(compared!.utest.nr_of_repetitions).toBe(6);
  expect(compared!.utest.time_pvalue).toBeLessThan(0.01);
});

test(
  'xmllint reads the JUnit export: names unchanged, a failure per confirmed regression of ' +
    "head, and none for a variant's cost",
  async () => {
    const compared = await measuredJob(
      store,
      exampleReport(['port-io', '="x"'], 1, 1.1, 1.1).samples,
      { name: '<job> & "co"' },
    );
    const file = join(folder, 'junit.xml');
    writeFileSync(
      file,
      await (await client.open(`/v1/jobs/${compared}/export?format=junit`)).text(),
    );
    const xpath = async (path: string, expression: string) =>
      (await execute('xmllint', ['--xpath', expression, path])).stdout.trimEnd();
    const { sides, changes } = await client.get<Comparison>(`/v1/jobs/${compared}/comparison`);
    const regressions = [...sides, ...changes].filter(({ verdict }) => verdict === 'regression');

    expect(regressions).toHaveLength(4);
    expect(await xpath(file, 'string(/testsuites/testsuite/@name)')).toBe('<job> & "co"');
    expect(await xpath(file, 'count(//testcase)')).toBe('6');
    expect(await xpath(file, 'count(//testcase/failure)')).toBe('4');
    const names = await exported('junit');
    const { rows } = await client.get<Comparison>(`/v1/jobs/${jobId}/comparison`);
    expect(await xpath(names, 'count(//testcase)')).toBe(String(rows.length));
    expect(rows.map(({ verdict }) => verdict)).toContain('regression');
    expect(await xpath(names, 'count(//testcase/failure)')).toBe('0');
    for (const [index, { workload }] of rows.entries()) {
      if (/^\s|\s$/.test(workload)) continue; // xmllint's output is trimmed above
      expect(await xpath(names, `string(//testcase[${index + 1}]/@classname)`)).toBe(
        workload.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd'),
      );
    }
  },
  60_000,
);

test("Python's csv module reads every sample, and its json module every line", async () => {
  const script = `
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))
lines = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
print(json.dumps([[row["workload"], row["wall_ns"], row["commit"]] for row in rows]))
print(json.dumps([[line["workload"], line["wallNs"], line["commit"]] for line in lines]))`;
  const { stdout } = await execute(PYTHON, [
    '-c',
    script,
    await exported('csv'),
    await exported('ndjson'),
  ]);
  const [rows, lines] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[][]);

  expect(lines).toEqual(samples.map(({ workload, wallNs }) => [workload, wallNs, 'abc1234']));
  expect(
    rows!.map(([workload, ...rest]) => [workload!.replace(/^'(?=[=+\-@\t\r\n])/, ''), ...rest]),
  ).toEqual(lines);
});

test('a hyperfine result is ingested to the nanosecond', async () => {
  const file = join(folder, 'hyperfine.json');
  await execute('hyperfine', ['-N', '--runs', '4', '--export-json', file, 'sleep 0.002']);
  const theirs = (JSON.parse(readFileSync(file, 'utf8')) as { results: { times: number[] }[] })
    .results[0]!;

  const { stdout } = await command(
    '--json',
    'history',
    'import',
    file,
    '--format',
    'hyperfine',
    '--project',
    'formats',
    '--host',
    'here',
    '--commit',
    'v1',
  );
  const { results } = JSON.parse(stdout) as Import;

  expect(results).toMatchObject([
    {
      benchmark: 'sleep 0.002',
      metric: 'wallNs',
      unit: 'ns',
      samples: theirs.times.map((seconds) => Math.round(seconds * 1e9)),
    },
  ]);
});

test("the inputs of google-benchmark's own tests are ingested", async () => {
  const document = JSON.parse(
    readFileSync('/usr/share/benchmark/gbench/Inputs/test1_run1.json', 'utf8'),
  ) as { benchmarks: { name: string; run_type?: string }[] };
  const imported = await client.post<Import>('/v1/imports', {
    format: 'google-benchmark',
    project: 'formats',
    host: 'theirs',
    document,
  });

  expect(imported.results.map(({ benchmark }) => benchmark)).toEqual(
    document.benchmarks
      .filter(({ run_type: type }) => type !== 'aggregate')
      .map(({ name }) => name),
  );
});

test('API and command refuse an invalid document with place, rule and a hint', async () => {
  const file = await exported('hyperfine');
  const refused = await command(
    'history',
    'import',
    file,
    '--format',
    'bmf',
    '--project',
    'formats',
    '--host',
    'here',
  ).then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  );

  expect(refused).toContain('the document does not match the format bmf');
  expect(refused).toContain('it looks like hyperfine');
  await expect(
    client.post('/v1/imports', {
      format: 'bmf',
      project: 'formats',
      host: 'x',
      document: { a: { latency: { value: 1 } } },
    }),
  ).rejects.toMatchObject({
    code: 'BAD_IMPORT',
    details: [
      { path: 'a.latency', message: expect.stringContaining('give a direction') as string },
    ],
  });
});

test('an import of ten thousand results is ingested, and one more result is refused', async () => {
  const document = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`b${index}`, { 'wall-ns': { value: index } }]),
    );
  const body = { format: 'bmf', project: 'large', host: 'x' };

  expect(
    (await client.post<Import>('/v1/imports', { ...body, document: document(10_000) })).results,
  ).toHaveLength(10_000);
  await expect(client.post('/v1/imports', { ...body, document: document(10_001) })).rejects.toThrow(
    'more than 10000 results',
  );
}, 60_000);

test('the command writes an export to a file or to standard output', async () => {
  const file = join(folder, 'out.csv');
  const { stdout } = await command('job', 'export', jobId, '--format', 'csv');
  await command('job', 'export', jobId, '--format', 'csv', '-o', file);

  expect(stdout.split('\r\n').length).toBeGreaterThan(samples.length);
  expect(readFileSync(file, 'utf8')).toBe(stdout);
});

test(
  'exports of samples omit runs under an instruction counter, and the SQL view shows only ' +
    'their counts',
  async () => {
    const timed = exampleReport(['port-io']).samples;
    const counted = {
      ...timed[2]!,
      kind: 'instructions' as const,
      wallNs: '99',
      hostInstructions: '1000',
      guestInstructions: '10',
      metrics: [],
    };
    const id = await measuredJob(store, [...timed, counted]);

    for (const format of ['csv', 'ndjson'])
      expect(
        (await (await client.open(`/v1/jobs/${id}/export?format=${format}`)).text())
          .trimEnd()
          .split(/\r?\n/),
      ).toHaveLength(timed.length + (format === 'csv' ? 1 : 0));
    const { rows } = await store.pool.query<object>(
      "SELECT metric, value, warm_up FROM qibench_sample WHERE job_id = $1 AND kind = 'instructions' ORDER BY 1",
      [id],
    );
    expect(rows).toEqual([
      { metric: 'guestInstructions', value: 10, warm_up: false },
      { metric: 'hostInstructions', value: 1000, warm_up: false },
    ]);
  },
);

test('the formats that list measures contain the counts of instruction samples', async () => {
  const timed = exampleReport(['port-io']).samples;
  const counted = [1, 2].map((block) => ({
    ...timed[2]!,
    block,
    kind: 'instructions' as const,
    hostInstructions: String(1000 * block),
  }));
  const id = await measuredJob(store, [...timed, ...counted]);
  const exportedAs = async (format: string) =>
    (await client.open(`/v1/jobs/${id}/export?format=${format}`)).json() as Promise<unknown>;

  expect(await exportedAs('bmf')).toMatchObject({
    [`port-io/${timed[2]!.variant}`]: { 'host-instructions': { value: 1500 } },
  });
  expect(await exportedAs('custom-smaller-is-better')).toContainEqual(
    expect.objectContaining({
      name: `port-io/${timed[2]!.variant} hostInstructions`,
      unit: 'instructions',
      value: 1500,
    }),
  );
});

test(
  'an imported metric declared by a workload here gets its unit and direction from the ' +
    'declaration',
  async () => {
    const { results } = await client.post<Import>('/v1/imports', {
      format: 'bmf',
      project: 'formats',
      host: 'x',
      document: {
        'linux-boot/none': { 'boot.uptime': { value: 2 }, 'host-instructions': { value: 5 } },
      },
    });

    expect(results).toMatchObject([
      { metric: 'boot.uptime', unit: 's', direction: 'smaller-is-better' },
      { metric: 'hostInstructions', unit: 'instructions', direction: 'smaller-is-better' },
    ]);
  },
);

test('a job that ran on two hosts is exported as samples only', async () => {
  const id = await measuredJob(
    store,
    exampleReport(['port-io']).samples.map((sample) => ({
      ...sample,
      hostFingerprint: `sha256:${sample.block > 3 ? 'a' : 'b'}`,
    })),
  );

  for (const format of EXPORT_FORMATS) {
    const answer = client.open(`/v1/jobs/${id}/export?format=${format}`).then(
      async (response) => (await response.text()).length > 0,
      (error: { code: string }) => error.code,
    );
    expect([format, await answer]).toEqual([
      format,
      format === 'csv' || format === 'ndjson' ? true : 'MIXED_HOSTS',
    ]);
  }
});

test('the view qibench_sample has the documented columns, and one row per sample and metric', async () => {
  const columns = await store.pool.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ' +
      "'qibench_sample' ORDER BY ordinal_position",
  );
  const documented = [
    ...readFileSync('docs/formats.md', 'utf8')
      .split('`qibench_trace_record` has')[0]!
      .matchAll(
        /^\| `(\w+)` \| (text|bigint|uuid|integer|boolean|double precision|timestamp with time zone) \|/gm,
      ),
  ].map(([, name, type]) => [name, type]);
  expect(columns.rows.map(({ column_name, data_type }) => [column_name, data_type])).toEqual(
    documented,
  );

  const { rows } = await store.pool.query<{
    metric: string;
    unit: string;
    count: string;
    project: string;
  }>(
    'SELECT metric, unit, project, count(*) FROM qibench_sample WHERE job_id = $1 AND NOT ' +
      'warm_up GROUP BY 1, 2, 3 ORDER BY 1',
    [jobId],
  );
  const all = IMPORTABLE_NAMES.length * 6 * 2;
  expect(
    rows.map(({ metric, unit, count, project }) => [metric, unit, Number(count), project]),
  ).toEqual([
    ['events.exec_tb', 'count', all / 2, 'formats'],
    ['maxRssBytes', 'bytes', all, 'formats'],
    ['systemNs', 'ns', all, 'formats'],
    ['userNs', 'ns', all, 'formats'],
    ['wallNs', 'ns', all, 'formats'],
    ['writes', 'count', all, 'formats'],
  ]);
});
