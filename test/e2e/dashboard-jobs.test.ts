// SPDX-License-Identifier: GPL-2.0-or-later
import { fitsWidth } from '#support/browser.js';
import { BUILD_LIMIT_MS } from '#support/user-service.js';
import type { Job } from '#contract/job.js';
import { uploadFiles } from '#support/upload.js';
import { JobDashboard, region, SHORT_JOB } from '#support/job-dashboard.js';

const HOSTILE = '<img src=x onerror=alert(1)>';
/** A job that runs long enough to be cancelled. */
const long = {
  ...SHORT_JOB,
  workloads: [{ name: 'port-io', parameters: { writes: 20_000_000 } }],
  blocks: 200,
};

const dashboard = new JobDashboard();
beforeAll(() => dashboard.start(), BUILD_LIMIT_MS);
afterEach(() => dashboard.closePages());
afterAll(() => dashboard.stop(), 120_000);
const isAtStart = (element: unknown) => (element as { scrollTop: number }).scrollTop === 0;
const isAtEnd = (element: unknown) => {
  const { scrollTop, scrollHeight, clientHeight } = element as {
    scrollTop: number;
    scrollHeight: number;
    clientHeight: number;
  };
  return scrollHeight - scrollTop - clientHeight < 5;
};
async function expectSoon(read: () => Promise<boolean>, wanted: boolean): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while ((await read()) !== wanted)
    if (Date.now() > deadlineMs) throw new Error(`still ${String(!wanted)}`);
}

test(
  'a job is cancelled after a confirmation and runs again unchanged',
  async () => {
    const job = await dashboard.service.client.post<Job>('/v1/jobs', { ...long, name: 'long' });
    const { page } = await dashboard.open(`/jobs/${job.id}`);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('status').filter({ hasText: 'cancelled' }).waitFor();

    await page.getByRole('button', { name: 'Run again' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(job.id));
    const again = await dashboard.service.client.get<Job>(`/v1/jobs/${page.url().slice(-36)}`);
    expect(again.request).toEqual(job.request);
    await dashboard.service.client.post(`/v1/jobs/${again.id}/cancel`, {});
  },
  BUILD_LIMIT_MS,
);

test(
  'the address holds the filter of jobs, / focuses it, and states change without a reload',
  async () => {
    const ended = await dashboard.service.client.post<Job>('/v1/jobs', {
      ...SHORT_JOB,
      name: 'of another name',
    });
    await dashboard.service.client.post(`/v1/jobs/${ended.id}/cancel`, {});
    const { page } = await dashboard.open('/');
    await page.getByRole('link', { name: 'of another name' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('LIVE');
    await page.getByText('No matching jobs.').waitFor();
    expect(page.url()).toMatch(/\?name=LIVE$/);

    const runs = await dashboard.service.client.post<Job>('/v1/jobs', {
      ...long,
      name: 'live one',
    });
    const waits = await dashboard.service.client.post<Job>('/v1/jobs', {
      ...long,
      name: 'live two',
    });
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('link', { name }) });
    await row('live one')
      .getByText(/\d of 200 blocks/)
      .waitFor();
    await row('live two').getByText('next in the queue').waitFor();
    await page.getByLabel('State').selectOption('active');
    await dashboard.service.client.post(`/v1/jobs/${waits.id}/cancel`, {});
    await row('live two').waitFor({ state: 'detached' });
    await page.reload();
    await row('live one').waitFor();
    expect(await page.getByLabel('State').inputValue()).toBe('active');
    await dashboard.service.client.post(`/v1/jobs/${runs.id}/cancel`, {});
    await page.getByText('No matching jobs.').waitFor();
  },
  BUILD_LIMIT_MS,
);

test(
  'hostile names and output stay text: the page runs and fetches nothing of them',
  async () => {
    const makefile =
      `all libtrace-instrument.so:\n\t@seq 500; printf '\\033[31m%s\\033[0m\\n' '${HOSTILE}' ` +
      `'data: {"type":"state","state":"succeeded"}' 'instrument.c:1: error: ${HOSTILE}'; ` +
      `false\n`;
    const { digest } = await uploadFiles(dashboard.service.client, [
      { path: 'instrument.c', content: 'int x;\n' },
      { path: 'Makefile', content: makefile },
    ]);
    const job = await dashboard.service.finish({
      ...SHORT_JOB,
      name: HOSTILE,
      variants: ['none', 'dynamic'],
      instrumentation: digest,
    });
    expect(job.error).toMatchObject({ code: 'COMPILE_FAILED' });

    const { page, complaints } = await dashboard.open(`/jobs/${job.id}`);
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
    await page.getByRole('alert').getByText(`instrument.c:1: ${HOSTILE}`).first().waitFor();
    const log = page.getByLabel('Output');
    await log.getByText('data: {"type"').waitFor();
    expect(await log.textContent()).toContain(
      `${HOSTILE}\ndata: {"type":"state","state":"succeeded"}\n`,
    );
    await page.getByRole('status').filter({ hasText: 'failed' }).waitFor();

    const follow = page.getByLabel('Follow');
    expect([await follow.isChecked(), await log.evaluate(isAtEnd)]).toEqual([true, true]);
    await log.focus();
    await page.keyboard.press('Home');
    await expectSoon(() => log.evaluate(isAtStart), true);
    expect(await follow.isChecked()).toBe(false);
    await follow.check();
    await expectSoon(() => log.evaluate(isAtEnd), true);

    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    await page.goto(`/submit?from=${job.id}`);
    await page.getByLabel('Text of the job file').getByText(HOSTILE).waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect([complaints, dashboard.dialogs]).toEqual([[], []]);
  },
  BUILD_LIMIT_MS,
);

test('stages continue after the stream has broken', async () => {
  const [newest] = await dashboard.jobs();
  const { page } = await dashboard.open('/');
  let refused = 0;
  await page.route('**/events', (route) =>
    refused++ === 0 ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await page.getByRole('link', { name: newest!.name }).first().click();
  await region(page, 'Stages').getByText('Connection lost').waitFor();
  await region(page, 'Stages').getByText('Images').waitFor();
  await region(page, 'Stages').getByText('Connection lost').waitFor({ state: 'detached' });
}, 60_000);

test('every page fits a phone, and an unknown job shows an error', async () => {
  const [newest] = await dashboard.jobs();
  for (const path of ['/', '/submit', `/submit?from=${newest!.id}`, `/jobs/${newest!.id}`]) {
    const { page } = await dashboard.open(path, { size: 'phone' });
    await page.locator('.placeholder').first().waitFor({ state: 'detached' });
    expect([path, await fitsWidth(page)]).toEqual([path, true]);
  }
  const { page } = await dashboard.open('/jobs/00000000-0000-4000-8000-000000000000');
  await page.getByRole('alert').getByText('no job').waitFor();
}, 60_000);
