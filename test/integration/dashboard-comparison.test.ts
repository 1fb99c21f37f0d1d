// SPDX-License-Identifier: GPL-2.0-or-later
import type { Page } from 'playwright-core';
import type { Comparison } from '#contract/comparison.js';
import { EXPORT_FORMATS, MEDIA } from '#contract/format.js';
import { measuredJob } from '#support/measured-job.js';
import { exampleReport } from '#support/example-report.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';

const LIMIT_MS = 60_000;

let dashboard: Dashboard;
/**
 * A job without a base, one whose head is slower than its base, and one like the first with other
 * times.
 */
let alone: string;
let sided: string;
let other: string;
beforeAll(async () => {
  dashboard = await startDashboard();
  const { store } = dashboard;
  alone = await measuredJob(store, exampleReport(['port-io']).samples, {
    name: 'alone',
    project: 'mde',
    commit: 'a'.repeat(40),
  });
  sided = await measuredJob(store, exampleReport(['port-io'], 1, 1.1, 1.3).samples, {
    name: 'sided',
  });
  other = await measuredJob(store, exampleReport(['port-io'], 5, 1.2).samples, { name: 'other' });
}, LIMIT_MS);
afterAll(() => dashboard.stop());

const comparisonOf = (id: string) => dashboard.client.get<Comparison>(`/v1/jobs/${id}/comparison`);
const mdeText = (ratio: number | null | undefined) => `${((ratio! - 1) * 100).toFixed(1)} %`;
const dynamic = ({ rows }: Comparison) =>
  rows.find(({ side, variant }) => side === 'head' && variant === 'dynamic')!;
const cell = async (page: Page, table: string, column: string) => {
  const found = page.getByRole('table', { name: table });
  await found.waitFor();
  const columns = await found.locator('thead th').allInnerTexts();
  const at = columns.findIndex((text) => text.includes(column));
  return found
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: 'dynamic', exact: true }) })
    .first()
    .locator('th, td')
    .nth(at)
    .innerText();
};

test(
  'the minimum detectable effect stands beside every ratio of a fixed number of blocks',
  async () => {
    const [first, second, both] = await Promise.all([
      comparisonOf(alone),
      comparisonOf(other),
      comparisonOf(sided),
    ]);
    const { page } = await dashboard.open(`/jobs/${alone}/compare?with=${other}`);
    expect(await cell(page, 'Overhead over none', 'MDE')).toBe(
      mdeText(dynamic(first).minimumDetectableRatio),
    );
    expect(await cell(page, 'Overheads of both jobs', 'MDE')).toBe(
      `${mdeText(dynamic(first).minimumDetectableRatio)} / ${mdeText(dynamic(second).minimumDetectableRatio)}`,
    );
    await page
      .getByText(mdeText(dynamic(first).minimumDetectableRatio))
      .first()
      .waitFor();
    await page.goto(`/jobs/${alone}`);
    await page
      .getByText(`MDE ${mdeText(dynamic(first).minimumDetectableRatio)}`, { exact: true })
      .waitFor();
    await page.goto(
      '/history?project=mde&branch=main&workload=port-io&variant=dynamic&metric=wallRatio',
    );
    await page
      .getByLabel('Point under the cursor')
      .getByText(mdeText(dynamic(first).minimumDetectableRatio), { exact: true })
      .waitFor();

    await page.goto(`/jobs/${sided}/compare`);
    const [row] = both.sides.filter(({ variant }) => variant === 'dynamic');
    const [change] = both.changes;
    expect(await cell(page, 'Head against base', 'MDE')).toBe(
      `${mdeText(row!.minimumDetectableRatio)}\nagain ${mdeText(row!.confirmation!.minimumDetectableRatio)}`,
    );
    expect(await cell(page, 'Change of overhead', 'MDE')).toContain(
      mdeText(change!.minimumDetectableRatio),
    );
  },
  LIMIT_MS,
);

test(
  'the pages state that six blocks of five comparisons cannot find a single difference',
  async () => {
    const few = await measuredJob(
      dashboard.store,
      exampleReport(['port-io'], 1, 1.1, 1.3).samples.filter(({ block }) => block <= 6),
      { name: 'few' },
    );
    const { page } = await dashboard.open(`/jobs/${few}/compare`);
    const notice = page.getByText(
      '6 blocks cannot detect a single difference among 5 comparisons, however large it is: ' +
        'that takes at least 8.',
    );
    await notice.waitFor();
    expect(await cell(page, 'Head against base', 'MDE')).toBe('–');
    await page.goto(`/jobs/${few}`);
    await notice.waitFor();
  },
  LIMIT_MS,
);

test(
  'a regression against base is red; the overhead of a variant is not',
  async () => {
    const { page } = await dashboard.open(`/jobs/${alone}/compare`);
    const red = page.locator('.badge.worse, .interval-bar .regression');
    await page.getByRole('table', { name: 'Overhead over none' }).getByText('slower').waitFor();
    expect(await red.count()).toBe(0);

    await page.goto(`/jobs/${sided}/compare`);
    await page
      .getByRole('table', { name: 'Head against base' })
      .getByText('regression')
      .first()
      .waitFor();
    expect(await red.count()).toBeGreaterThan(0);
    expect(
      await page
        .getByRole('table', { name: 'Overhead over none' })
        .locator('.badge.worse, .interval-bar .regression')
        .count(),
    ).toBe(0);
  },
  LIMIT_MS,
);

test(
  'the page shows two jobs side by side, lists their differences, and offers to measure both in one job',
  async () => {
    const { page, complaints } = await dashboard.open(`/jobs/${alone}/compare`);
    await page.getByLabel('Job', { exact: true }).selectOption(sided);
    await page.getByRole('table', { name: 'Overheads of both jobs' }).waitFor();
    expect(
      await page
        .getByRole('table', { name: 'Differences of the jobs' })
        .getByRole('row')
        .filter({ hasText: 'Blocks' })
        .innerText(),
    ).toContain('12');
    const [here, there] = await Promise.all([comparisonOf(alone), comparisonOf(sided)]);
    for (const column of ['This job', 'Other job'] as const) {
      expect(await cell(page, 'Overheads of both jobs', column)).toBe(
        dynamic(column === 'This job' ? here : there).ratio!.ratio.toFixed(3),
      );
    }
    expect(new URL(page.url()).searchParams.get('with')).toBe(sided);
    await page
      .getByRole('link', { name: 'submit this job with the other as its baseline' })
      .click();
    await page.waitForURL(`**/submit?from=${alone}&baseline=${sided}`);
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'every file that the page of a comparison offers can be downloaded',
  async () => {
    const { page } = await dashboard.open(`/jobs/${alone}/compare`);
    const links = page.locator('.downloads a');
    await links.first().waitFor();
    const saved: string[] = [];
    for (let index = 0; index < (await links.count()); index += 1) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        links.nth(index).click(),
      ]);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      expect([download.suggestedFilename(), Buffer.concat(chunks).length > 0]).toEqual([
        expect.any(String),
        true,
      ]);
      saved.push(download.suggestedFilename());
    }
    for (const format of EXPORT_FORMATS)
      expect(saved).toContainEqual(
        expect.stringMatching(new RegExp(`\\.${MEDIA[format].extension.replaceAll('.', '\\.')}$`)),
      );
    expect(saved).toContainEqual(expect.stringMatching(/\.tar$/));
  },
  LIMIT_MS,
);
