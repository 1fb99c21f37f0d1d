// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '#cli/client.js';
import { EXPORT_FORMATS } from '#contract/format.js';
import type { Store } from '#store/store.js';
import { measuredJob } from '#support/measured-job.js';
import { exampleReport, IMPORTABLE_NAMES } from '#support/example-report.js';
import { Exports } from '#support/exports.js';

let exports: Exports;
let store: Store;
let client: Client;
let jobId: string;
beforeAll(async () => {
  exports = await Exports.start();
  ({ store, client, jobId } = exports);
}, 60_000);
afterAll(() => exports.stop());

test('every format has its content type and a file name', async () => {
  const headers = await Promise.all(
    EXPORT_FORMATS.map(async (format) => {
      const response = await exports.open(format);
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
  await expect(exports.open('xlsx')).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    details: [{ path: 'format' }],
  });
  await expect(
    client.open('/v1/jobs/00000000-0000-4000-8000-000000000000/export?format=csv'),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the command writes an export to a file or to standard output', async () => {
  const file = join(exports.folder, 'out.csv');
  const { stdout } = await exports.command('job', 'export', jobId, '--format', 'csv');
  await exports.command('job', 'export', jobId, '--format', 'csv', '-o', file);

  expect(stdout.split('\r\n').length).toBeGreaterThan(exports.samples.length);
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
