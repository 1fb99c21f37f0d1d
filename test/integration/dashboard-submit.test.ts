// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Job, JobRequest } from '#contract/job.js';
import type { EventList } from '#contract/qemu.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';

const LIMIT_MS = 60_000;

let dashboard: Dashboard;
beforeAll(async () => void (dashboard = await startDashboard()), LIMIT_MS);
afterAll(() => dashboard.stop());

const search = async (query: string) =>
  dashboard.client.get<EventList>(`/v1/qemu/7.2/events?kind=softmmu&limit=50&${query}`);
const found = (page: Page) =>
  page.getByRole('list', { name: 'Matching events' }).getByRole('listitem');
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test(
  'the search finds the same events as the API, by name, directory and argument',
  async () => {
    const { page, complaints } = await dashboard.open('/submit');
    const status = region(page, 'Events').getByRole('status');
    for (const [field, text, query] of [
      ['Find events', 'aio_', 'contains=aio_'],
      ['Directory', 'hw/virtio', 'directory=hw/virtio'],
      ['Argument', 'uint16_t', 'argument=uint16_t'],
    ] as const) {
      const { total, events } = await search(query);
      expect(total).toBeGreaterThan(0);
      await page.getByLabel(field, { exact: true }).fill(text);
      await status
        .filter({ hasText: new RegExp(`^${total.toLocaleString('en-GB')} event`) })
        .waitFor();
      expect((await found(page).locator('.mono').allInnerTexts()).slice(0, 5)).toEqual(
        events.slice(0, 5).map(({ name }) => name),
      );
      await page.getByLabel(field, { exact: true }).fill('');
    }
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'the API has the job that the form sent',
  async () => {
    const { page, complaints } = await dashboard.open('/submit');
    await page.getByLabel('Name', { exact: true }).first().fill('from the form');
    await page.getByLabel('Find events').fill('memory_region_ops_*');
    await page.getByRole('button', { name: 'Add memory_region_ops_*' }).click();
    await region(page, 'Instrumentation')
      .getByLabel('Choose folder')
      .setInputFiles('qemu/examples/count');
    await region(page, 'Instrumentation').getByText('events-post.h').waitFor();
    await page.getByRole('button', { name: 'Add a workload' }).click();
    await page
      .getByRole('group', { name: 'Workload 1' })
      .getByRole('combobox', { name: 'Workload' })
      .selectOption('port-io');
    await page.getByLabel('Project').fill('forms');
    const file = JSON.parse(
      (await page.getByLabel('Text of the job file').textContent())!,
    ) as object;
    await page.getByRole('button', { name: 'Submit job' }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);

    const job = await dashboard.client.get<Job>(`/v1/jobs/${page.url().slice(-36)}`);
    expect(job.request).toMatchObject(file);
    expect(job.plan.events.length).toBeGreaterThan(1);
    await page.getByRole('status').filter({ hasText: 'queued' }).waitFor();
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'a variant of a backend records, or has the backend compiled in only',
  async () => {
    const { page, complaints } = await dashboard.open('/submit');
    const row = page.getByRole('group', { name: 'Variant 2' });
    await row.getByLabel('Mode').selectOption('backend');
    await row.getByLabel('Store the trace records').check();
    const text = async () =>
      JSON.parse((await page.getByLabel('Text of the job file').textContent())!) as JobRequest;
    expect((await text()).variants[1]).toEqual({ mode: 'backend', backend: 'simple', trace: true });

    await row.getByLabel('Record the events').uncheck();
    expect(await row.getByLabel('Store the trace records').count()).toBe(0);
    await row.getByLabel('Backend', { exact: true }).selectOption('ust');

    expect((await text()).variants[1]).toEqual({ mode: 'backend', backend: 'ust', record: false });
    await row.getByLabel('Record the events').check();
    expect((await text()).variants[1]).toEqual({ mode: 'backend', backend: 'ust' });
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'a folder with workload.yaml is uploaded as a workload, with the fields of its parameters',
  async () => {
    const { page, complaints } = await dashboard.open('/submit');
    await page.getByLabel('Name', { exact: true }).first().fill('own guest');
    await page.getByRole('button', { name: 'Upload a workload' }).click();
    const row = page.getByRole('group', { name: 'Workload 1' });
    await row.getByLabel('Choose folder').setInputFiles('test/guests/port-count');
    await row.getByText('guest.s').waitFor();
    await row.getByLabel('rounds').fill('3000');
    await page.getByLabel('Find events').fill('memory_region_ops_write');
    await page.getByRole('button', { name: 'Add memory_region_ops_write' }).click();
    for (const number of [3, 2])
      await page.getByRole('button', { name: `Remove variant ${number}` }).click();
    await page.getByRole('button', { name: 'Submit job' }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);

    const job = await dashboard.client.get<Job>(`/v1/jobs/${page.url().slice(-36)}`);
    expect(job.plan.workloads).toMatchObject([
      { label: 'port-count rounds=3000', uploaded: { method: 'make' } },
    ]);
    await page.getByRole('region', { name: 'Inputs' }).getByText('3 files').waitFor();
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'a patch that is a link is missed in the series that the browser leaves it out of',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qibench-series-'));
    const patch = (number: number) => `Subject: [PATCH ${number}/3] part ${number}\n\n---\n`;
    for (const number of [1, 3]) writeFileSync(join(folder, `000${number}.patch`), patch(number));
    mkdirSync(join(folder, '.shared'));
    writeFileSync(join(folder, '.shared/two'), patch(2));
    symlinkSync('.shared/two', join(folder, '0002.patch'));

    const { page, complaints } = await dashboard.open('/submit');
    await page.getByText("Patches on QEMU's source").click();
    const patches = page.getByRole('group', { name: 'Files of the patches', exact: true });
    await patches.getByLabel('Choose folder').setInputFiles(folder);
    await patches.getByRole('status').filter({ hasText: 'The series lacks 2/3.' }).waitFor();

    unlinkSync(join(folder, '0002.patch'));
    writeFileSync(join(folder, '0002.patch'), patch(2));
    await patches.getByLabel('Choose folder').setInputFiles(folder);
    await patches.getByText('3 files').waitFor();
    expect(await patches.getByText('The series lacks').count()).toBe(0);
    expect(complaints).toEqual([]);
    rmSync(folder, { recursive: true });
  },
  LIMIT_MS,
);
