// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser, Page } from 'playwright-core';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { fitsWidth, startBrowser, visitor } from '#support/browser.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE = 'tick(uint64_t number) "%d"\n';
const COUNT = 40_000;
const file = [
  header(),
  mapping(1n, 'tick'),
  ...Array.from({ length: COUNT }, (_, index) =>
    record(1n, BigInt(1_000 + index * 10), 1, BigInt(index * index)),
  ),
];

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let browser: Browser;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  [api, browser] = await Promise.all([startApi(), startBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await api.stop();
  await store.close();
});

async function open(
  path: string,
  size: 'desktop' | 'phone' = 'desktop',
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await visitor(browser, api.client.server, { size });
  await opened.page.goto(path);
  return opened;
}

/** Folder for screenshots of the pages, for review; undefined takes none. */
const pictures = process.env.QIBENCH_SCREENSHOTS;

describe('the page of a trace states its missing parts', () => {
  test.each([
    [
      'a truncated file',
      'The trace is truncated',
      /The file ends within a record \(at byte \d+\)\. Everything before that is here\./,
      () => storeTrace(store, EVENTS_FILE, [Buffer.concat(file).subarray(0, -7)]),
    ],
    [
      'a file beyond the quota',
      'The quota was reached',
      /16,384 of 40,000 records are stored/,
      () => storeTrace(store, EVENTS_FILE, file, 1_000),
    ],
    [
      'removed records',
      'The records have been removed',
      /Timeline and statistics are still here/,
      async () => {
        const stored = await storeTrace(store, EVENTS_FILE, file);
        await store.pool.query("UPDATE trace SET expired_at = now(), tail = '' WHERE id = $1", [
          stored.traceId,
        ]);
        await store.pool.query('DELETE FROM trace_chunk WHERE trace_id = $1', [stored.traceId]);
        return stored;
      },
    ],
  ])(
    '%s',
    async (_, title, words, prepare) => {
      const { traceId } = await prepare();
      for (const size of ['desktop', 'phone'] as const) {
        const { page, complaints } = await open(`/traces/${traceId}`, size);
        await page.getByRole('note', { name: title }).getByText(words).waitFor();
        await page
          .getByRole('region', { name: 'Statistics per event' })
          .getByText('tick')
          .waitFor();
        if (pictures !== undefined)
          await page.screenshot({
            path: `${pictures}/${title.replaceAll(' ', '-')}-${size}.png`,
            fullPage: true,
          });
        expect(await page.getByRole('note').count()).toBe(1);
        expect([await fitsWidth(page), complaints]).toEqual([true, []]);
      }
    },
    60_000,
  );
});

test.each([
  ['truncated', [Buffer.concat(file).subarray(0, -7)], Infinity],
  ['quota reached', file, 1_000],
])(
  'the page of a job marks a trace as %s before it is opened',
  async (mark, bytes, maxBytes) => {
    const { jobId } = await storeTrace(store, EVENTS_FILE, bytes, maxBytes);
    const variant = {
      name: 'backend-simple',
      side: 'head',
      mode: 'backend',
      backend: 'simple',
      plugin: null,
      arguments: [],
      trace: true,
    };
    await store.pool.query(
      "UPDATE job SET blocks_done = 1, plan = jsonb_set(plan, '{variants}', $2) WHERE id = $1",
      [jobId, JSON.stringify([variant])],
    );
    const { page } = await open(`/jobs/${jobId}`);
    await page
      .getByRole('region', { name: 'Results' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('link', { name: 'block 1' }) })
      .getByText(mark)
      .waitFor();
  },
  60_000,
);

test('the page of a job lists truncated outputs and their limits as text', async () => {
  const { jobId } = await storeTrace(store, EVENTS_FILE, file);
  const truncations = [
    { what: 'the log of build <b>dynamic</b>', limitBytes: 4 * 1024 ** 2 },
    { what: 'the output of a run of dynamic with port-io', limitBytes: 1024 ** 2 },
  ];
  await store.pool.query('UPDATE job SET truncations = $2 WHERE id = $1', [
    jobId,
    JSON.stringify(truncations),
  ]);
  for (const size of ['desktop', 'phone'] as const) {
    const { page, complaints } = await open(`/jobs/${jobId}`, size);
    const note = page.getByRole('note', { name: 'Truncated' });
    await note.waitFor();
    if (pictures !== undefined)
      await page.screenshot({ path: `${pictures}/truncations-${size}.png`, fullPage: true });
    expect(await note.getByRole('paragraph').allTextContents()).toEqual([
      'Truncated: the log of build <b>dynamic</b>, limited to 4 MiB.',
      'Truncated: the output of a run of dynamic with port-io, limited to 1 MiB.',
    ]);
    expect([await fitsWidth(page), complaints]).toEqual([true, []]);
  }
}, 60_000);

test('the page of a trace states how long its job keeps the records', async () => {
  const { traceId } = await storeTrace(store, EVENTS_FILE, file, Infinity, { traceDays: 3 });
  const { page } = await open(`/traces/${traceId}`);
  await page.getByText(/kept until .* at the latest, as the job requests/).waitFor();
  if (pictures !== undefined)
    await page.screenshot({ path: `${pictures}/kept-until.png`, fullPage: true });
}, 60_000);

test('a new job starts from an earlier one, with it as the baseline', async () => {
  const { id } = await api.client.post<{ id: string }>('/v1/jobs', {
    name: 'first',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    variants: ['none'],
    workloads: [{ name: 'port-io' }],
  });
  const { page, complaints } = await open(`/submit?from=${id}&baseline=${id}`);
  await page
    .getByRole('radio', { name: /of another job/ })
    .and(page.locator(':checked'))
    .waitFor();

  expect([
    await page.getByRole('region', { name: 'Job', exact: true }).getByLabel('Name').inputValue(),
    await page.getByRole('combobox', { name: 'Job' }).inputValue(),
  ]).toEqual(['first', id]);
  await page.getByLabel('Text of the job file').getByText(`"job": "${id}"`).waitFor();
  expect(complaints).toEqual([]);
}, 60_000);
