// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser, Page } from 'playwright-core';
import { openStore, type Store } from '#store/store.js';
import { startApi } from '#support/api-process.js';
import { fitsWidth, startBrowser, visitor } from '#support/browser.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';

const EVENTS_FILE = 'tick(uint64_t number) "%d"\ntock(uint64_t number) "%d"\n';
const START_NS = 7_000_000_000n;
/** A record every 10 ns, with a gap from 9,990 ns to 11,990 ns; every hundredth is a tock. */
const records = Array.from({ length: 2_000 }, (_, index) =>
  record(
    index % 100 === 99 ? 2n : 1n,
    START_NS + BigInt(10 * index + (index < 1_000 ? 0 : 1_990)),
    3,
    BigInt(index),
  ),
);
const file = [header(), mapping(1n, 'tick'), mapping(2n, 'tock'), ...records];
const LIMIT_MS = 60_000;

let store: Store;
let api: Awaited<ReturnType<typeof startApi>>;
let browser: Browser;
let traceId: string;
beforeAll(async () => {
  store = await openStore(process.env.TEST_DATABASE_URL!);
  [api, browser] = await Promise.all([startApi(), startBrowser()]);
  ({ traceId } = await storeTrace(store, EVENTS_FILE, file));
}, LIMIT_MS);
afterAll(async () => {
  await browser.close();
  await api.stop();
  await store.close();
});

async function open(query = ''): Promise<{ page: Page; complaints: string[] }> {
  const opened = await visitor(browser, api.client.server);
  await opened.page.goto(`/traces/${traceId}${query}`);
  await opened.page.getByRole('heading', { name: 'Timeline' }).waitFor();
  return opened;
}
const surface = (page: Page) => page.getByRole('group', { name: /^Timeline/ });
const shown = (page: Page) => page.getByRole('status', { name: 'Shown time' });
const rows = (page: Page, region: string) =>
  page.getByRole('region', { name: region, exact: true }).last().locator('tbody').getByRole('row');
/** Waits until the list of records begins with a record. */
const startsWith = (page: Page, ...cells: string[]) =>
  cells
    .reduce((row, text) => row.filter({ hasText: text }), rows(page, 'Records').first())
    .waitFor();
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
/** Waits until the address has these parameters and no other. */
const atAddress = (page: Page, expected: Record<string, string>) =>
  page.waitForURL(
    (url) =>
      JSON.stringify([...url.searchParams].sort()) ===
      JSON.stringify(Object.entries(expected).sort()),
  );

test(
  'a link shows the same view, cursor, lanes and filter of records',
  async () => {
    const { page, complaints } = await open();
    await surface(page).focus();
    for (const key of ['+', '+', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    await page.getByLabel('Event name contains').fill('to');
    await page.getByLabel('Order').selectOption('by name');
    await page.getByRole('combobox', { name: 'Event', exact: true }).selectOption('tock');
    await page.getByLabel('Arguments').fill('number>1100; number<1900');
    await page.keyboard.press('Enter');
    await page.waitForURL(({ searchParams: at }) =>
      ['from', 'to', 'at', 'order', 'event', 'where'].every((name) => at.has(name)),
    );
    expect(new URL(page.url()).searchParams.getAll('where')).toEqual([
      'number>1100',
      'number<1900',
    ]);
    expect(parameters(page)).toMatchObject({ lanes: 'to', order: 'name', event: 'tock' });

    const second = await open(new URL(page.url()).search);
    expect(await shown(second.page).textContent()).toBe(await shown(page).textContent());
    expect([
      await second.page.getByLabel('Event name contains').inputValue(),
      await second.page.getByLabel('Order').inputValue(),
      await second.page.getByRole('combobox', { name: 'Event', exact: true }).inputValue(),
      await second.page.getByLabel('Arguments').inputValue(),
    ]).toEqual(['to', 'name', 'tock', 'number>1100; number<1900']);
    expect(parameters(second.page)).toEqual(parameters(page));
    expect([complaints, second.complaints]).toEqual([[], []]);
  },
  LIMIT_MS,
);

test(
  'zoom is written to the address when it rests, and the whole trace needs none',
  async () => {
    const { page } = await open();
    await surface(page).focus();
    await page.keyboard.press('+');
    await atAddress(page, { from: '5495ns', to: '16486ns' });
    await page.keyboard.press('0');
    await atAddress(page, {});
  },
  LIMIT_MS,
);

test(
  'the list has the records of the shown time, from the cursor on if it is in there',
  async () => {
    const { page } = await open('?from=12us&to=14us');
    await startsWith(page, '1,001', '12.000 µs');
    await page.getByText('from 12.000 µs to 14.000 µs').waitFor();
    await surface(page).focus();
    await page.keyboard.press('Enter');
    await startsWith(page, '1,101', '13.000 µs');
    await page.goto(`/traces/${traceId}?from=0ns&to=1us&at=13us`);
    await startsWith(page, '0', '0 ns');
    await page.goto(`/traces/${traceId}?from=10us&to=11us`);
    await page.getByText('No matching records in this time.').waitFor();
  },
  LIMIT_MS,
);

test.each([
  ['since the first record', '12.05us', 'at=12050ns', '1,006'],
  ["of the host's clock", String(START_NS + 12_100n), 'at=12100ns', '1,011'],
])(
  'the keyboard goes to a time %s',
  async (_, text, parameter, sequence) => {
    const { page, complaints } = await open('?from=0ns&to=1us');
    await surface(page).focus();
    await page.keyboard.press('g');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await startsWith(page, sequence);
    await page.waitForURL((url) => url.search.includes(parameter));
    // The time is in the middle of a view that is still 1 µs long.
    const middle = text.endsWith('us') ? 12_050 : 12_100;
    await atAddress(page, {
      from: `${middle - 500}ns`,
      to: `${middle + 500}ns`,
      at: `${middle}ns`,
    });
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'a time outside the trace or without a meaning shows an error at its field',
  async () => {
    const { page } = await open();
    const field = page.getByRole('form', { name: 'Go to a time' }).getByRole('textbox');
    for (const [text, message] of [
      ['1s', '"1s" is after the last record, at 21.980 µs'],
      ['soon', '"soon" is not a time like 62.269us; units are ns, us, ms and s'],
    ] as const) {
      await field.fill(text);
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: message }).waitFor();
    }
    expect(new URL(page.url()).search).toBe('');
  },
  LIMIT_MS,
);

test(
  'a gap links to the time around it, and keeps the rest of the address',
  async () => {
    const { page, complaints } = await open('?lanes=t');
    const first = rows(page, 'Gaps').first();
    await first.waitFor();
    expect(await first.getByRole('cell').allTextContents()).toEqual([
      '2.000 µs',
      '9.990 µs',
      '11.990 µs',
      '999 and 1,000',
      'tock → tick',
      '3',
    ]);
    await first.getByRole('link').click();
    // Half of its length on each side.
    await page.waitForURL((url) => url.searchParams.get('at') === '9990ns');
    expect(parameters(page)).toEqual({ lanes: 't', from: '8990ns', to: '12990ns', at: '9990ns' });
    await shown(page).filter({ hasText: '8.990 µs to 12.990 µs' }).waitFor();
    await startsWith(page, '999', '9.990 µs');
    expect(await surface(page).evaluate(isInWindow)).toBe(true);
    await page.goBack();
    await atAddress(page, { lanes: 't' });
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'the gaps of one event follow the filter of the records',
  async () => {
    const { page } = await open('?event=tock');
    await rows(page, 'Gaps').first().getByText('tock → tock').waitFor();
    await page.getByRole('combobox', { name: 'Event', exact: true }).selectOption('tick');
    await rows(page, 'Gaps').first().getByText('tick → tick').waitFor();
  },
  LIMIT_MS,
);

test(
  'another trace beside it keeps the view, and has a filter of its own',
  async () => {
    const { traceId: other } = await storeTrace(store, EVENTS_FILE, file);
    const { page, complaints } = await open(`?from=1us&to=2us&with=${other}&withEvent=tock`);
    await page.getByRole('heading', { name: 'Comparison of the two traces' }).waitFor();
    expect(await shown(page).textContent()).toContain('1.000 µs to 2.000 µs');
    const events = page.getByRole('combobox', { name: 'Event', exact: true });
    expect(await events.evaluateAll(valuesOf)).toEqual(['', 'tock']);
    const gaps = page.getByRole('region', { name: 'Gaps', exact: true });
    await gaps.nth(1).waitFor();
    expect(await gaps.count()).toBe(2);
    await page.getByLabel('Compare with').selectOption('');
    await atAddress(page, { from: '1us', to: '2us' });
    expect([await fitsWidth(page), complaints]).toEqual([true, []]);
  },
  LIMIT_MS,
);

// These run in the browser.
const valuesOf = (elements: unknown[]) =>
  elements.map((element) => (element as { value: string }).value);
const isInWindow = (element: unknown): boolean => {
  const { top } = (element as { getBoundingClientRect(): { top: number } }).getBoundingClientRect();
  return top >= 0 && top < (globalThis as unknown as { innerHeight: number }).innerHeight;
};
