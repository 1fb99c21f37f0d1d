// SPDX-License-Identifier: GPL-2.0-or-later
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Client } from '#cli/client.js';
import type { Comparison } from '#contract/comparison.js';
import type { MetricList } from '#contract/metric-list.js';
import { SampleList } from '#contract/sample.js';
import { findJobByPrefix, shortPrefix } from '#store/short-links.js';
import { listSamples, streamSamples } from '#store/samples.js';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import type { ReportedList } from '#contract/reported.js';
import { sampleOf } from '#support/sample.js';
import { measuredJob } from '#support/measured-job.js';
import { exampleReport } from '#support/example-report.js';

const { samples } = exampleReport(['<b>a</b>', 'b']);

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let client: Client;
let jobId: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  jobId = await measuredJob(store, samples);
  api = await startApi();
  client = api.client;
}, 60_000);
afterAll(async () => {
  await api.stop();
  await store.close();
});

const get = (path: string) => fetch(`${client.server}${path}`, { redirect: 'manual' });
const badge = async (query: string, id = jobId) =>
  (await get(`/v1/jobs/${id}/badge.svg?${query}`)).text();

/** A job with this id that is older than every other by this number of hours. */
async function jobWithId(id: string, hours: number): Promise<void> {
  await store.pool.query(
    `INSERT INTO job (id, name, state, request, plan, request_digest, created_at) SELECT $1, ` +
      `name, state, request, plan, request_digest, now() - make_interval(hours => $2) FROM job ` +
      `WHERE id = $3`,
    [id, hours, jobId],
  );
}

test('a comparison names its short link, which redirects to its page and keeps the query', async () => {
  const { link } = await client.get<Comparison>(`/v1/jobs/${jobId}/comparison`);
  const path = `/c/${jobId.slice(0, 8)}`;

  expect(link).toBe(`${client.server}${path}`);
  const response = await get(`${path}?metric=userNs`);
  expect([response.status, response.headers.get('location')]).toEqual([
    302,
    `/jobs/${jobId}/compare?metric=userNs`,
  ]);
});

test('a short link refuses a request with a malformed address', async () => {
  const { hostname, port } = new URL(client.server);
  const socket = connect(Number(port), hostname);
  socket.end(
    `GET http://[/c/${jobId.slice(0, 8)}?metric=userNs HTTP/1.1\r\n` +
      'host: 127.0.0.1\r\nconnection: close\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];

  expect(answer.toString()).toMatch(/^HTTP\/1.1 422 /);
  expect(answer.toString()).toContain('"code":"INVALID_REQUEST"');
});

test('metrics that the runs printed are listed by workload and variant, without warm-up', async () => {
  const printed = (value: number, unit = 'ns') => [{ name: 'latency.p50', value, unit }];
  const id = await measuredJob(
    store,
    [0, 1, 2, 3].flatMap((block) =>
      ['none', 'dynamic'].map((variant, position) =>
        sampleOf({
          block,
          position,
          variant,
          metrics:
            variant === 'none' ? [] : [...printed(99), ...printed(block === 0 ? 1e6 : 10 * block)],
        }),
      ),
    ),
  );

  const { reported } = await client.get<ReportedList>(`/v1/jobs/${id}/reported`);
  expect(reported).toEqual([
    {
      workload: reported[0]!.workload,
      name: 'latency.p50',
      unit: 'ns',
      values: [{ side: 'head', variant: 'dynamic', median: 20, low: 10, high: 30, runs: 3 }],
    },
  ]);
});

test('the oldest job owns a shared id prefix, and a younger job gets more digits', async () => {
  await jobWithId('abcdef01-2300-4000-8000-000000000001', 3);
  await jobWithId('abcdef01-2340-4000-8000-000000000001', 2);
  await jobWithId('abcdef01-0000-4000-8000-000000000001', 1);

  expect(await findJobByPrefix(store, 'abcdef01')).toBe('abcdef01-2300-4000-8000-000000000001');
  const ids = [
    'abcdef01-2300-4000-8000-000000000001',
    'abcdef01-2340-4000-8000-000000000001',
    'abcdef01-0000-4000-8000-000000000001',
  ];
  const prefixes = await Promise.all(ids.map((id) => shortPrefix(store, id)));
  expect(prefixes).toEqual(['abcdef01', 'abcdef01234', 'abcdef010']);
  expect(await Promise.all(prefixes.map((prefix) => findJobByPrefix(store, prefix)))).toEqual(ids);
});

test.each([
  ['/c/abcdef0', 422],
  ['/c/ABCDEF01', 422],
  ['/c/..%2f..%2fhosts', 422],
  ['/c/00000000000000000000000000000000', 404],
])('%s is not a short link', async (path, status) => {
  expect((await get(path)).status).toBe(status);
});

test('a badge is an SVG that other origins can embed, under the usual policy', async () => {
  const response = await get(`/v1/jobs/${jobId}/badge.svg?variant=dynamic&workload=b`);

  expect(response.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await response.text()).toMatch(/^<svg .*dynamic vs none, b/s);
});

test('a badge escapes the workload, and reports values it cannot show', async () => {
  expect(await badge(`workload=${encodeURIComponent('<b>a</b>')}`)).toContain(
    '&lt;b&gt;a&lt;/b&gt;',
  );
  expect(await badge('variant=other')).toContain('no matching comparison');
  expect(await badge('metric=other')).toContain('unknown metric');
  const mixed = await measuredJob(
    store,
    samples.map((sample) =>
      sample.block === 1 ? { ...sample, hostFingerprint: 'sha256:other' } : sample,
    ),
  );
  expect(await badge('', mixed)).toContain('mixed hosts');
  await store.pool.query("UPDATE job SET state = 'failed' WHERE id = $1", [jobId]);
  expect(await badge('')).toContain('failed');
  await store.pool.query("UPDATE job SET state = 'succeeded' WHERE id = $1", [jobId]);
});

test("a job's metrics are those that have values in its samples", async () => {
  const { metrics } = await client.get<MetricList>(`/v1/jobs/${jobId}/metrics`);
  expect(metrics.map(({ name }) => name)).toEqual([
    'wallNs',
    'userNs',
    'systemNs',
    'minorFaults',
    'majorFaults',
    'voluntarySwitches',
    'involuntarySwitches',
    'maxRssBytes',
    'cpuNs',
  ]);
});

test('samples are streamed some at a time, in measuring order', async () => {
  const response = await fetch(`${client.server}/v1/jobs/${jobId}/samples`);
  expect([response.headers.get('content-type'), response.headers.get('content-length')]).toEqual([
    'application/json; charset=utf-8',
    null,
  ]);
  expect(SampleList.parse(await response.json())).toEqual({
    samples: await listSamples(store, jobId),
  });
  const pages = [];
  for await (const page of streamSamples(store, jobId)) pages.push(page);
  expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(32);
  expect(pages.flat()).toEqual(await listSamples(store, jobId));
  expect(await client.get(`/v1/jobs/${jobId}/samples?kind=instructions`)).toEqual({ samples: [] });
});

test('the API returns the samples of one workload on request', async () => {
  const { samples: some } = await client.get<SampleList>(`/v1/jobs/${jobId}/samples?workload=b`);
  expect([some.length, new Set(some.map(({ workload }) => workload))]).toEqual([
    samples.length / 2,
    new Set(['b']),
  ]);
});
