// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import type { Comparison } from '#contract/comparison.js';
import type { Store } from '#store/store.js';
import { execute, installPackages } from '#support/debian-tools.js';
import { measuredJob } from '#support/measured-job.js';
import { exampleReport } from '#support/example-report.js';
import { Exports } from '#support/exports.js';

// Debian's own Python: python3-scipy is built for it.
const PYTHON = '/usr/bin/python3';

let exports: Exports;
let store: Store;
let client: Client;
let jobId: string;
beforeAll(async () => {
  await installPackages('libbenchmark-tools', 'libxml2-utils', 'python3', 'python3-scipy');
  exports = await Exports.start();
  ({ store, client, jobId } = exports);
}, 300_000);
afterAll(() => exports.stop());

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
    const { stdout } = await execute(PYTHON, ['-c', script, await exports.exported('hyperfine')]);
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
  const { stdout } = await execute(PYTHON, ['-c', script, await exports.exported('ndjson')]);
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
  const job = await measuredJob(store, exampleReport(['port-io']).samples);
  const file = join(exports.folder, 'google.json');
  writeFileSync(
    file,
    await (await client.open(`/v1/jobs/${job}/export?format=google-benchmark`)).text(),
  );
  const result = join(exports.folder, 'compared.json');
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
    const file = join(exports.folder, 'junit.xml');
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
    const names = await exports.exported('junit');
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
    await exports.exported('csv'),
    await exports.exported('ndjson'),
  ]);
  const [rows, lines] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[][]);

  expect(lines).toEqual(
    exports.samples.map(({ workload, wallNs }) => [workload, wallNs, 'abc1234']),
  );
  expect(
    rows!.map(([workload, ...rest]) => [workload!.replace(/^'(?=[=+\-@\t\r\n])/, ''), ...rest]),
  ).toEqual(lines);
});
