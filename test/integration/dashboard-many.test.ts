// SPDX-License-Identifier: GPL-2.0-or-later
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { manyJobs, manySeries } from '#support/many.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';

const JOBS = 500;
const SERIES = 200;
const LIMIT_MS = 120_000;
const project = `many-${randomUUID()}`;

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
  await manyJobs(dashboard.store, project, JOBS);
  await manySeries(dashboard.client, project, SERIES, 12);
}, LIMIT_MS);
afterAll(() => dashboard.stop());

const rows = (page: Page) => page.getByRole('table').locator('tbody').getByRole('row');

test(
  'the list shows each of 500 jobs once, page by page, and a filter finds one of them',
  async () => {
    const { page, complaints } = await dashboard.open(`/?project=${project}`);
    const more = page.getByRole('button', { name: 'Show more' });
    await rows(page).first().waitFor();
    while ((await rows(page).count()) < JOBS) {
      const before = await rows(page).count();
      await more.click();
      await rows(page).nth(before).waitFor();
    }
    await more.waitFor({ state: 'detached' });
    const names = await rows(page).getByRole('link').allInnerTexts();
    expect([names.length, new Set(names).size]).toEqual([JOBS, JOBS]);

    await page.getByLabel('State').selectOption('failed');
    await rows(page).filter({ hasText: 'succeeded' }).first().waitFor({ state: 'detached' });
    expect(await rows(page).count()).toBeGreaterThan(0);
    await page.getByLabel('State').selectOption('');
    await page.getByLabel('Name contains').fill(`${project} 321`);
    await page.getByRole('link', { name: `${project} 321`, exact: true }).waitFor();
    await rows(page).nth(1).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'the overview lists two hundred series and draws each curve when it is scrolled into view',
  async () => {
    const { page, complaints } = await dashboard.open(`/history?project=${project}`);
    const series = page.getByRole('region', { name: 'Series' }).getByRole('link');
    await series.nth(SERIES - 1).waitFor();
    expect(await series.count()).toBe(SERIES);
    // Series far below the window have not been fetched yet.
    const last = series.nth(SERIES - 1);
    expect(await last.textContent()).toContain('…');
    await last.scrollIntoViewIfNeeded();
    await last.getByText(/\d s$/).waitFor();
    expect(
      await last
        .locator('canvas')
        .evaluate((canvas) => (canvas as unknown as { width: number }).width),
    ).toBeGreaterThan(100);

    await page.getByLabel('Workload').selectOption('series 123');
    await series.nth(1).waitFor({ state: 'detached' });
    await series.click();
    await page.getByRole('heading', { name: /^series 123 · / }).waitFor();
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);
