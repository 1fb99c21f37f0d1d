// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser, Locator, Page } from 'playwright-core';
import type { HostList, NoiseList } from '#contract/host.js';
import type { AlertList, History, SeriesList } from '#contract/history.js';
import type { Job } from '#contract/job.js';
import type { WorkerList } from '#contract/worker.js';
import { fitsWidth, startBrowser, visitor } from '#support/browser.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
const SHIFT_AT = 12;

let service: TestService;
let browser: Browser;
let job: Job;
beforeAll(async () => {
  [service, browser] = await Promise.all([startTestService(), startBrowser()]);
  for (let day = 0; day < 24; day += 1) {
    const wall = 1e9 * (day < SHIFT_AT ? 1 : 1.1) * (1 + 0.001 * ((day * 7) % 5));
    await service.client.post('/v1/imports', {
      format: 'bmf',
      project: 'shifts',
      variant: 'dynamic',
      commit: `commit-${day}`,
      committedAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      host: 'lab',
      document: {
        quicksort: {
          'wall-ns': { value: wall, lower_value: wall * 0.995, upper_value: wall * 1.005 },
        },
        'boot <b>linux</b>': { 'wall-ns': { value: 5e9 } },
      },
    });
  }
  const request = {
    name: 'A/A',
    qemu: { version: '7.2', target: 'x86_64-softmmu' },
    events: [],
    variants: ['none'],
    workloads: [{ name: 'port-io', parameters: { writes: 2_000 } }],
    blocks: 6,
    baseline: 'same',
    project: 'measured',
    commit: 'abc123',
  };
  job = await service.finish(request);
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await browser.close();
  await service.stop();
}, 120_000);

const SERIES =
  '/history?project=shifts&branch=main&workload=quicksort&variant=dynamic&metric=wallNs';
const shifts = () =>
  service.client.get<History>('/v1/history?project=shifts&workload=quicksort&variant=dynamic');
const open = async (path: string, size: 'desktop' | 'phone' = 'desktop') => {
  const opened = await visitor(browser, service.client.server, { size });
  const dialogs: string[] = [];
  opened.page.on('dialog', (dialog) => dialogs.push(dialog.message()));
  await opened.page.goto(path);
  return { ...opened, dialogs };
};
const facts = (page: Page): Locator => page.getByLabel('Point under the cursor');

test('the page of hosts shows the workers, fingerprint, noise and false alarms of the API', async () => {
  expect(job).toMatchObject({ state: 'succeeded', error: null });
  const { hosts } = await service.client.get<HostList>('/v1/hosts');
  const { workers } = await service.client.get<WorkerList>('/v1/workers');
  const [host] = hosts;
  const { samples } = await service.client.get<NoiseList>(`/v1/hosts/${host!.digest}/noise`);
  expect([hosts.length, workers.length, host!.comparisons, samples.length]).toEqual([1, 1, 1, 14]);
  expect(workers[0]).toMatchObject({ hostFingerprint: host!.digest, job: null, lost: false });

  const { page, complaints } = await open('/hosts');
  await page.getByRole('heading', { name: String(host!.fingerprint.cpuModel) }).waitFor();
  const worker = page.getByRole('region', { name: 'Workers' }).getByRole('row').nth(1);
  expect(await worker.textContent()).toContain(workers[0]!.id);
  expect(await worker.textContent()).toContain('waits for a job');
  expect(await page.getByRole('region', { name: 'Fingerprint' }).textContent()).toContain(
    host!.digest,
  );
  expect(await page.getByRole('region', { name: 'False alarms' }).textContent()).toContain(
    `${host!.alarms} of ${host!.comparisons}`,
  );
  await page.getByText(`Load during the newest ${samples.length} runs`).waitFor();
  expect(
    await page.getByRole('region', { name: 'Noise in numbers' }).getByRole('row').count(),
  ).toBe(6);
  const tuning = page.getByRole('region', { name: 'Tuning', exact: true }).getByRole('row');
  expect(await tuning.count()).toBe(8);
  expect(complaints).toEqual([]);
}, 60_000);

test('the overview lists every series of the branch and links to each', async () => {
  const { series } = await service.client.get<SeriesList>('/v1/series?project=shifts');
  const { page, complaints } = await open('/history?project=shifts');

  const links = page.getByRole('region', { name: 'Series' }).getByRole('link');
  await links.first().waitFor();
  expect(await links.count()).toBe(series.length);
  await page.getByText('boot <b>linux</b>', { exact: true }).last().waitFor();
  await page.getByLabel('Workload').selectOption('quicksort');
  expect(await links.count()).toBe(1);
  await links.click();
  await page.getByRole('heading', { name: 'quicksort · dynamic · wallNs' }).waitFor();
  expect(new URL(page.url()).search).toContain('workload=quicksort');
  await page.getByRole('button', { name: 'All series' }).click();
  await links.nth(1).waitFor();
  expect(complaints).toEqual([]);
}, 60_000);

test('keys move the cursor of a series, which shows commit, value and source', async () => {
  const { page, complaints } = await open(SERIES);
  const cursor = page.getByRole('slider', { name: 'Point of the series' });
  await cursor.focus();
  await facts(page).getByText('commit-23').waitFor();
  await page.keyboard.press('ArrowLeft');
  await facts(page).getByText('commit-22').waitFor();
  await page.keyboard.press('Home');
  await facts(page).getByText('commit-0', { exact: true }).waitFor();
  expect(await facts(page).textContent()).toContain('1.000 s');
  expect(await facts(page).textContent()).toContain('995.0 ms to 1.005 s');
  expect(await cursor.getAttribute('aria-valuetext')).toContain('commit commit-0');

  await page.goto(
    '/history?project=measured&branch=main&workload=port-io+writes%3D2000&variant=none&metric=wallNs',
  );
  await facts(page).getByText('abc123').waitFor();
  expect(await facts(page).getByRole('link').getAttribute('href')).toBe(`/jobs/${job.id}/compare`);
  expect(complaints).toEqual([]);
}, 60_000);

test('a level shift has an alert whose state and reason are stored; hostile text stays text', async () => {
  const { changePoints } = await shifts();
  expect(changePoints).toHaveLength(1);
  const { page, complaints, dialogs } = await open(SERIES);
  const shift = page.getByRole('region', { name: 'Level shifts' }).getByRole('row').nth(1);
  expect(await shift.textContent()).toContain(`commit-${SHIFT_AT}`);
  expect(await shift.textContent()).toContain('worse');

  await page.getByRole('button', { name: 'Change state' }).click();
  await page.getByLabel('State', { exact: true }).selectOption('noise');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByLabel('Reason', { exact: true })
    .and(page.locator('[aria-invalid=true]'))
    .waitFor();
  await page.getByLabel('Reason', { exact: true }).fill(HOSTILE);
  await page.keyboard.press('Enter');
  await page.getByText(HOSTILE).waitFor();
  await shift.getByText('noise').waitFor();

  const { alerts } = await service.client.get<AlertList>('/v1/alerts?project=shifts');
  expect(alerts).toMatchObject([{ state: 'noise', reason: HOSTILE }]);
  expect(dialogs).toEqual([]);
  // The browser reports only the refused request with the empty reason.
  expect(complaints).toEqual([expect.stringContaining('422')]);
}, 60_000);

test('an invalid mark shows the error at its field; a valid one is listed', async () => {
  const { page } = await open(SERIES);
  await page.getByLabel('Commit').fill('no commit, surely');
  await page.getByLabel('Reason of the mark').fill('a new compiler');
  await page.getByRole('button', { name: 'Add mark' }).click();
  await page.getByLabel('Commit').and(page.locator('[aria-invalid=true]')).waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('a hash or a version');

  await page.getByLabel('Commit').fill('commit-5');
  await page.getByRole('button', { name: 'Add mark' }).click();
  await page.getByText('Marked commit-5.').waitFor();
  await page.getByRole('region', { name: 'Marks' }).getByText('a new compiler').waitFor();
  expect((await shifts()).marks).toMatchObject([{ commit: 'commit-5', reason: 'a new compiler' }]);
}, 60_000);

test.each([
  ['/hosts', 'Noise'],
  [SERIES, 'Marks'],
  ['/history?project=shifts', 'Series'],
])(
  "%s fits a phone's width",
  async (path, region) => {
    const { page, complaints } = await open(path, 'phone');
    await page.getByRole('region', { name: region, exact: true }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints).toEqual([]);
  },
  60_000,
);
