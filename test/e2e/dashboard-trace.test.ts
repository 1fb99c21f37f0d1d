// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser, Page } from 'playwright-core';
import type { Job } from '#contract/job.js';
import type { RecordPage, Trace, TraceList } from '#contract/trace.js';
import type { TraceComparison, TraceEventList } from '#contract/trace-query.js';
import { fitsWidth, startBrowser, visitor } from '#support/browser.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const EVENT = 'memory_region_ops_write';
const COUNT = new Intl.NumberFormat('en-GB');

let service: TestService;
let browser: Browser;
let job: Job;
let traces: Trace[];
beforeAll(async () => {
  [service, browser] = await Promise.all([startTestService(), startBrowser()]);
  const variants = ['none', { mode: 'backend', backend: 'simple', trace: true }];
  job = await service.finish({
    name: 'traced',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_*'],
    variants,
    workloads: [{ name: 'port-io', parameters: { writes: 3_000 } }],
    blocks: 6,
  });
  ({ traces } = await service.client.get<TraceList>(`/v1/jobs/${job.id}/traces`));
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await browser.close();
  await service.stop();
}, 120_000);

const open = async (path: string, size: 'desktop' | 'phone' = 'desktop') => {
  const opened = await visitor(browser, service.client.server, { size });
  await opened.page.goto(path);
  await opened.page.getByRole('heading', { name: 'Timeline' }).waitFor();
  return opened;
};
const surface = (page: Page) => page.getByRole('group', { name: /^Timeline/ });
const shown = async (page: Page) =>
  (await page.getByRole('status', { name: 'Shown time' }).textContent())!;
/** Acts, waits until the shown range has changed, and returns it. */
async function after(page: Page, act: () => Promise<unknown>): Promise<string> {
  const before = await shown(page);
  await act();
  await page.getByRole('status', { name: 'Shown time' }).filter({ hasNotText: before }).waitFor();
  return shown(page);
}
const rows = (page: Page, region: string) =>
  page.getByRole('region', { name: region, exact: true }).last().locator('tbody').getByRole('row');

test('the page of a trace shows the events, records and statistics of the API', async () => {
  expect(job).toMatchObject({ state: 'succeeded', error: null });
  const trace = traces[0]!;
  const { events } = await service.client.get<TraceEventList>(`/v1/traces/${trace.id}/events`);
  const { records } = await service.client.get<RecordPage>(
    `/v1/traces/${trace.id}/records?limit=50`,
  );
  const { page, complaints } = await open(`/traces/${trace.id}`);

  await page
    .getByRole('heading', {
      level: 1,
      name: `${trace.variant} · ${trace.workload} · block ${trace.block}`,
    })
    .waitFor();
  const lanes = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
  expect(await lanes.allTextContents()).toEqual([
    `all events ${COUNT.format(BigInt(trace.records))}`,
    ...events.map(({ name, count }) => `${name} ${COUNT.format(BigInt(count))}`),
  ]);
  await rows(page, 'Records').first().waitFor();
  expect(await rows(page, 'Records').count()).toBe(records.length);
  const addressOf = (name: string) => `0x${BigInt(records[0]!.arguments[name]!).toString(16)}`;
  await rows(page, 'Records')
    .first()
    .filter({ hasText: `addr=${addressOf('addr')}` })
    .filter({ hasText: `value=${addressOf('value')}` })
    .waitFor();
  const first = await rows(page, 'Records').first().textContent();
  for (const [name, value] of Object.entries(records[0]!.arguments))
    expect(first).toContain(
      `${name}=${['mr', 'addr', 'value'].includes(name) ? addressOf(name) : value}`,
    );
  await rows(page, 'Statistics per event').first().waitFor();
  expect(await rows(page, 'Statistics per event').count()).toBe(events.length);
  expect(await page.getByRole('note', { name: /dropped/ }).count()).toBe(
    trace.dropped === '0' ? 0 : 1,
  );
  expect(complaints).toEqual([]);
}, 60_000);

test('keys, wheel, buttons and drag change the shown time', async () => {
  const { page, complaints } = await open(`/traces/${traces[0]!.id}`);
  const whole = await shown(page);
  await surface(page).focus();
  const closer = await after(page, () => page.keyboard.press('+'));
  const later = await after(page, () => page.keyboard.press('ArrowRight'));
  expect(new Set([whole, closer, later]).size).toBe(3);
  expect(await after(page, () => page.keyboard.press('0'))).toBe(whole);

  const { x, y, width } = (await surface(page).boundingBox())!;
  await page.mouse.move(x + width / 2, y + 60);
  const wheeled = await after(page, () => page.mouse.wheel(0, -400));
  const dragged = await after(page, async () => {
    await page.mouse.down();
    await page.mouse.move(x + width / 4, y + 60, { steps: 4 });
    await page.mouse.up();
  });
  expect(dragged).not.toBe(wheeled);
  await after(page, () => page.getByRole('button', { name: 'Zoom in' }).click());
  expect(
    await after(page, () => page.getByRole('button', { name: 'Show the whole trace' }).click()),
  ).toBe(whole);
  expect(complaints).toEqual([]);
}, 60_000);

test('records are listed from the cursor on, page by page', async () => {
  const trace = traces[0]!;
  const { page } = await open(`/traces/${trace.id}`);
  await surface(page).focus();
  await page.keyboard.press('Enter');
  const middleNs = (
    BigInt(trace.firstNs!) +
    BigInt(Math.round((Number(BigInt(trace.lastNs!) - BigInt(trace.firstNs!)) + 1) / 2))
  ).toString();
  const { records, next } = await service.client.get<RecordPage>(
    `/v1/traces/${trace.id}/records?fromNs=${middleNs}&limit=50`,
  );
  await rows(page, 'Records')
    .first()
    .filter({ hasText: COUNT.format(BigInt(records[0]!.sequence)) })
    .waitFor();

  const second = await service.client.get<RecordPage>(
    `/v1/traces/${trace.id}/records?fromNs=${middleNs}&limit=50&after=${next}`,
  );
  await page.getByRole('button', { name: 'Next page' }).click();
  await rows(page, 'Records')
    .first()
    .filter({ hasText: COUNT.format(BigInt(second.records[0]!.sequence)) })
    .waitFor();
  await page.getByRole('button', { name: 'Previous page' }).click();
  await rows(page, 'Records')
    .first()
    .filter({ hasText: COUNT.format(BigInt(records[0]!.sequence)) })
    .waitFor();
}, 60_000);

test('a condition on an argument filters records; an invalid one shows an error at its field', async () => {
  const trace = traces[0]!;
  const { records } = await service.client.get<RecordPage>(
    `/v1/traces/${trace.id}/records?limit=1&where=${encodeURIComponent('addr!=0x80')}`,
  );
  const { page } = await open(`/traces/${trace.id}`);
  await rows(page, 'Records').first().waitFor();
  await page.getByLabel('Arguments').fill('addr!=0x80');
  await page.keyboard.press('Enter');
  if (records.length === 0) await page.getByText('No matching records in this time.').waitFor();
  else
    await rows(page, 'Records')
      .first()
      .filter({ hasText: COUNT.format(BigInt(records[0]!.sequence)) })
      .waitFor();

  await page.getByLabel('Arguments').fill('nonsense=1');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByLabel('Arguments').and(page.locator('[aria-invalid=true]')).waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('nonsense');
}, 60_000);

test('the filter selects lanes by name', async () => {
  const { page } = await open(`/traces/${traces[0]!.id}`);
  const lanes = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
  await page.getByLabel('Event name contains').fill('OPS_WRITE');
  await page.getByText(EVENT).first().waitFor();
  expect(await lanes.count()).toBe(2);
  await page.getByLabel('Event name contains').fill('<b>');
  await page.getByText('No event name contains “<b>”.').waitFor();
}, 60_000);

test('two traces share one axis, with their counts and their first difference', async () => {
  const [a, b] = traces as [Trace, Trace];
  const comparison = await service.client.get<TraceComparison>(
    `/v1/traces/compare?a=${a.id}&b=${b.id}`,
  );
  const { page, complaints } = await open(`/traces/${a.id}`);
  await page.getByLabel('Compare with').selectOption(b.id);
  await page.getByRole('heading', { name: 'Comparison of the two traces' }).waitFor();

  expect(new URL(page.url()).search).toBe(`?with=${b.id}`);
  await rows(page, 'Counts per event').first().waitFor();
  expect(await rows(page, 'Counts per event').count()).toBe(comparison.counts.length);
  expect(await page.getByRole('list', { name: 'Events' }).count()).toBe(2);
  const words =
    comparison.divergence === null
      ? 'records stored in both traces are equal'
      : `Record ${COUNT.format(BigInt(comparison.divergence.index))} is the first that differs`;
  await page.getByText(words).waitFor();
  await page.getByLabel('Compare with').selectOption('');
  await page
    .getByRole('heading', { name: 'Comparison of the two traces' })
    .waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
}, 60_000);

test('the page offers the file of QEMU as a download', async () => {
  const trace = traces[0]!;
  const { page } = await open(`/traces/${trace.id}`);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /own file/ }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks)).toHaveLength(Number(trace.rawBytes));
}, 60_000);

test('an unknown trace shows an error', async () => {
  const { page } = await visitor(browser, service.client.server);
  await page.goto('/traces/999999999');
  expect(await page.getByRole('alert').textContent()).toContain('NOT_FOUND');
}, 60_000);

test.each([
  ['alone', () => `/traces/${traces[0]!.id}`],
  ['with another', () => `/traces/${traces[0]!.id}?with=${traces[1]!.id}`],
])(
  "the page of a trace %s fits a phone's width",
  async (_, path) => {
    const { page, complaints } = await open(path(), 'phone');
    await rows(page, 'Records').first().waitFor();
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints).toEqual([]);
  },
  60_000,
);
