// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Comparison } from '#contract/comparison.js';
import { intervalWords } from '#contract/interval-words.js';
import type { Job } from '#contract/job.js';
import type { MetricList } from '#contract/metric-list.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';
import { fitsWidth, SIZES, startBrowser, visitor } from '#support/browser.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const HOSTILE = '<img src=x onerror=alert(1)> "A/A" & </script><script>alert(2)</script>';
const LIMIT_MS = 60_000;

let service: TestService;
let browser: Browser;
let job: Job;
let comparison: Comparison;
beforeAll(async () => {
  [service, browser] = [await startTestService(), await startBrowser()];
  const { digest } = await uploadFiles(
    service.client,
    await readFolder(join(process.cwd(), 'qemu/examples/count')),
  );
  job = await service.finish({
    name: HOSTILE,
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: ['memory_region_ops_write'],
    instrumentation: digest,
    variants: ['none', 'dynamic'],
    workloads: [{ name: 'port-io', parameters: { writes: 100_000 } }],
    blocks: 6,
    baseline: 'same',
    confirm: false,
  });
  comparison = await service.client.get<Comparison>(`/v1/jobs/${job.id}/comparison`);
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await service?.stop();
}, 120_000);

const url = () => service.client.server;
const path = (query = '') => `/jobs/${job.id}/compare${query}`;
const opened = async (query = '', options = {}) => {
  const { page, complaints } = await visitor(browser, url(), options);
  await page.goto(path(query));
  return { page, complaints };
};
/** Waits until a condition holds after the page has been laid out again. */
async function expectSoon(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await holds())) if (Date.now() > end) throw new Error(`not true within 5 s: ${holds}`);
}
const matrix = (page: Page) => page.getByRole('table', { name: 'Overhead over none' });

test(
  'the matrix shows the results of the API',
  async () => {
    const { page, complaints } = await opened();
    expect(job).toMatchObject({ state: 'succeeded', error: null });

    for (const row of comparison.rows.filter(({ ratio }) => ratio !== null)) {
      const name = row.side === 'base' ? `${row.variant}@base` : row.variant;
      const cells = await matrix(page)
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
        .innerText();
      expect(cells).toContain(row.ratio!.ratio.toFixed(3));
      expect(cells).toContain(intervalWords(row.ratio!));
    }
    expect(
      await page
        .getByRole('table', { name: 'Head against itself' })
        .getByRole('rowheader')
        .allInnerTexts(),
    ).toEqual(expect.arrayContaining(['none', 'dynamic']));
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'selecting another metric shows its unit and changes the address',
  async () => {
    const { page } = await opened();
    const { metrics } = await service.client.get<MetricList>(`/v1/jobs/${job.id}/metrics`);
    await page
      .getByLabel('Metric')
      .getByRole('option', { name: /^maxRssBytes/ })
      .waitFor({ state: 'attached' });
    expect(await page.getByLabel('Metric').getByRole('option').count()).toBe(metrics.length);

    await page.getByLabel('Metric').selectOption('maxRssBytes');
    await matrix(page).getByText('MiB').first().waitFor();
    expect(page.url()).toContain('metric=maxRssBytes');
  },
  LIMIT_MS,
);

test(
  'the legend switches a variant off in the table and in the address',
  async () => {
    const { page } = await opened();
    await page.getByRole('button', { name: 'dynamic@base' }).click();

    await matrix(page)
      .getByRole('rowheader', { name: 'dynamic@base' })
      .waitFor({ state: 'detached' });
    await matrix(page).getByRole('rowheader', { name: 'dynamic', exact: true }).waitFor();
    expect(page.url()).toContain('variant=none');
  },
  LIMIT_MS,
);

test(
  'the short link leads to the page with its selection',
  async () => {
    const { page } = await opened('?metric=userNs');
    const link = await page.getByLabel('Short link').innerText();
    expect(link).toBe(`${url()}/c/${job.id.slice(0, 8)}?metric=userNs`);

    await page.goto(link);
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(path('?metric=userNs'));
  },
  LIMIT_MS,
);

test(
  'the badge is an image that the browser can decode',
  async () => {
    const { page } = await opened();
    const badge = page.getByRole('img', { name: 'Badge: result of this job' });
    await badge.scrollIntoViewIfNeeded();
    expect(
      await badge.evaluate((image) =>
        (image as unknown as { decode(): Promise<void>; naturalWidth: number })
          .decode()
          .then(() => (image as unknown as { naturalWidth: number }).naturalWidth),
      ),
    ).toBeGreaterThan(50);
  },
  LIMIT_MS,
);

test(
  'an unknown metric shows an error of the catalogue with a way back',
  async () => {
    const { page } = await opened('?metric=nonsense');
    await page.getByRole('alert').getByText('UNKNOWN_METRIC').waitFor();
    await page.getByRole('button', { name: 'Show wall time' }).click();
    await matrix(page).waitFor();
  },
  LIMIT_MS,
);

test(
  'samples of several hosts are compared only on request, with a notice',
  async () => {
    const { page } = await visitor(browser, url());
    const error = {
      code: 'MIXED_HOSTS',
      kind: 'user',
      message: 'the samples come from 2 different hosts',
      details: [],
    };
    // A test has no second host: the route answers as the API would.
    await page.route(/\/comparison\?/, (route) =>
      route.request().url().includes('mixedHosts=true')
        ? route.fulfill({
            json: { ...comparison, mixedHosts: true, hostFingerprints: ['sha256:a', 'sha256:b'] },
          })
        : route.fulfill({ status: 409, json: { error } }),
    );
    await page.goto(path());

    await page.getByRole('alert').getByText('MIXED_HOSTS').waitFor();
    await page.getByRole('button', { name: 'Compare anyway' }).click();
    await page.getByText('Samples of 2 hosts or states of a host are compared.').waitFor();
  },
  LIMIT_MS,
);

test.each(['light', 'dark'] as const)(
  'a hostile name stays text, in the %s theme',
  async (theme) => {
    const { page, complaints } = await visitor(browser, url(), { theme });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(path());
    await matrix(page).waitFor();

    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(HOSTILE);
    expect([dialogs, complaints]).toEqual([[], []]);
  },
  LIMIT_MS,
);

test.each(Object.keys(SIZES) as (keyof typeof SIZES)[])(
  'the page fits the width of a %s',
  async (size) => {
    const { page } = await opened('', { size });
    await page.getByRole('slider').waitFor();
    expect(await fitsWidth(page)).toBe(true);
  },
  LIMIT_MS,
);

test(
  'a selected sample stays within the page when the window gets narrow',
  async () => {
    const { page } = await opened();
    await page.getByRole('slider').focus();
    await page.keyboard.press('End');
    await page.getByTestId('readout').getByText('block 6').waitFor();
    await page.setViewportSize(SIZES.phone);
    await expectSoon(() => fitsWidth(page));
  },
  LIMIT_MS,
);

test(
  'a figure is saved as PNG',
  async () => {
    const { page } = await opened();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /^Save as PNG: Samples/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('Samples-of-port-io-writes-100000-wall-time-ms.png');
    expect([...readFileSync(await download.path()).subarray(1, 4)]).toEqual([
      ...Buffer.from('PNG'),
    ]);
  },
  LIMIT_MS,
);

test(
  'keys step through the samples',
  async () => {
    const { page } = await opened();
    const samples = page.getByRole('slider');
    await samples.focus();
    await page.keyboard.press('End');
    await page.getByTestId('readout').getByText('block 6').waitFor();

    expect(await samples.getAttribute('aria-valuetext')).toMatch(
      /block 6 · run 4 of 4 · .* ms · .*load \d/,
    );
    await page.keyboard.press('Home');
    expect(await samples.getAttribute('aria-valuetext')).toContain('warm-up block');
  },
  LIMIT_MS,
);
