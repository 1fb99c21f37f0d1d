// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { BUILD_LIMIT_MS } from '#support/user-service.js';
import { JobDashboard, region } from '#support/job-dashboard.js';

const dashboard = new JobDashboard();
beforeAll(() => dashboard.start(), BUILD_LIMIT_MS);
afterEach(() => dashboard.closePages());
afterAll(() => dashboard.stop(), 120_000);

/** Script that runs in the page. */
const isFocused = (element: unknown) =>
  element ===
  (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement;

const submitted = (page: Page) => page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);

test(
  'the form submits the example of the README, shows its progress and leads to its comparison',
  async () => {
    const { page, complaints } = await dashboard.open('/');
    await page.getByRole('link', { name: 'New job' }).click();
    await page.getByLabel('Name', { exact: true }).first().fill('what a port write costs');

    const events = region(page, 'Events');
    await events.getByLabel('Find events').fill('region_ops_w');
    await events
      .getByRole('status')
      .filter({ hasText: /^1 event$/ })
      .waitFor();
    await events.getByText('uint64_t addr').waitFor();
    await events.getByRole('button', { name: 'Add memory_region_ops_write' }).click();
    await events.getByLabel('Find events').fill('memory_region_ops_*');
    await events.getByRole('button', { name: 'Add memory_region_ops_*' }).click();
    await events.getByRole('list', { name: 'Selected events' }).getByText('2 events').waitFor();
    await events.getByRole('button', { name: 'Remove memory_region_ops_*' }).click();

    await region(page, 'Instrumentation')
      .getByLabel('Choose folder')
      .setInputFiles('qemu/examples/count');
    await region(page, 'Instrumentation').getByText('events-post.h').waitFor();
    await page.getByRole('button', { name: 'Add a variant' }).click();
    await page.getByRole('group', { name: 'Variant 4' }).getByLabel('Mode').selectOption('backend');
    await page
      .getByRole('group', { name: 'Variant 4' })
      .getByLabel('Store the trace records')
      .check();
    await page.getByRole('button', { name: 'Add a workload' }).click();
    await page
      .getByRole('group', { name: 'Workload 1' })
      .getByRole('combobox', { name: 'Workload' })
      .selectOption('port-io');
    await page.getByRole('group', { name: 'Workload 1' }).getByLabel('writes').fill('20000');
    await page.getByRole('radio', { name: 'a fixed number of blocks' }).check();
    await page.getByRole('spinbutton', { name: 'Blocks' }).fill('6');
    expect(
      JSON.parse((await page.getByLabel('Text of the job file').textContent())!),
    ).toMatchObject({
      name: 'what a port write costs',
      events: ['memory_region_ops_write'],
      variants: ['none', 'dynamic', 'static', { mode: 'backend', backend: 'simple', trace: true }],
      workloads: [{ name: 'port-io', parameters: { writes: 20000 } }],
      blocks: 6,
    });
    await page.getByRole('button', { name: 'Submit job' }).dblclick();
    await submitted(page);

    await region(page, 'Stages').getByText('Builds of variants').waitFor();
    await region(page, 'Stages')
      .getByText(/block \d of 6|warm-up block/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Comparison', exact: true }).waitFor();
    await page.getByRole('status').filter({ hasText: 'succeeded' }).waitFor();
    await region(page, 'Builds').getByRole('cell', { name: 'backend-simple' }).waitFor();
    await region(page, 'Results').getByRole('link', { name: 'block 6' }).waitFor();
    expect(
      (await dashboard.jobs()).filter(({ name }) => name === 'what a port write costs'),
    ).toHaveLength(1);
    expect(complaints).toEqual([]);
    await page.getByRole('link', { name: 'Comparison', exact: true }).click();
    await page.waitForURL(/\/compare$/);
    const matrix = page.getByRole('table', { name: 'Overhead over none' });
    for (const variant of ['none', 'dynamic', 'static', 'backend-simple'])
      await matrix.getByRole('rowheader', { name: variant, exact: true }).waitFor();
  },
  BUILD_LIMIT_MS,
);

test(
  'pasted code that does not compile fails with its lines and can be edited from there',
  async () => {
    const { page } = await dashboard.open('/submit');
    await page.getByLabel('Name', { exact: true }).first().fill('broken');
    await region(page, 'Instrumentation').getByRole('button', { name: 'Paste code' }).click();
    await page
      .getByLabel('instrument.c', { exact: true })
      .fill('#include <qemu-instr/events.h>\nint broken(\n');
    await page.getByRole('button', { name: 'Upload instrument.c' }).click();
    await region(page, 'Instrumentation').getByText('1 file').waitFor();
    await page.getByLabel('Find events').fill('memory_region_ops_write');
    await page.getByRole('button', { name: 'Add memory_region_ops_write' }).waitFor();
    await page.getByLabel('Find events').press('Enter');
    await page.getByRole('button', { name: 'Add a workload' }).click();
    await page
      .getByRole('group', { name: 'Workload 1' })
      .getByRole('combobox', { name: 'Workload' })
      .selectOption('port-io');
    await page.getByRole('button', { name: 'Submit job' }).click();
    await submitted(page);

    await page
      .getByRole('alert')
      .filter({ hasText: 'COMPILE_FAILED' })
      .getByText(/instrument\.c:\d+: /)
      .first()
      .waitFor({ timeout: BUILD_LIMIT_MS });
    await page.getByRole('alert').getByText('You can fix this').waitFor();
    expect(
      await page
        .getByText(/, took /)
        .first()
        .textContent(),
    ).not.toContain('took 0 ');
    await region(page, 'Log').getByText('error:').first().waitFor();
    await page.getByRole('link', { name: 'Edit and run' }).click();
    await page.getByRole('heading', { name: 'New job like an earlier one' }).waitFor();
    expect(await page.getByLabel('Name', { exact: true }).first().inputValue()).toBe('broken');
    expect(await region(page, 'Instrumentation').getByLabel('Digest').inputValue()).toMatch(
      /^sha256:/,
    );
  },
  BUILD_LIMIT_MS,
);

test('the fields show the errors of a request', async () => {
  const before = (await dashboard.jobs()).length;
  const { page } = await dashboard.open('/submit');
  await page.getByRole('button', { name: 'Add a workload' }).click();
  await page
    .getByRole('group', { name: 'Workload 1' })
    .getByRole('combobox', { name: 'Workload' })
    .selectOption('port-io');
  await page.getByRole('group', { name: 'Workload 1' }).getByLabel('writes').fill('0');
  await page.getByLabel('Name', { exact: true }).first().fill('wrong');
  await page.getByRole('button', { name: 'Submit job' }).click();

  await page
    .getByRole('group', { name: 'Workload 1' })
    .getByText('is 0, not within 1 to')
    .waitFor();
  await page
    .getByRole('group', { name: 'Variant 2' })
    .getByText('mode "dynamic" needs "instrumentation"')
    .waitFor();
  expect(
    await page
      .getByRole('group', { name: 'Workload 1' })
      .getByLabel('writes')
      .getAttribute('aria-invalid'),
  ).toBe('true');
  expect(await page.evaluate('document.activeElement.textContent')).toBe(
    'mode "dynamic" needs "instrumentation"; mode "dynamic" needs "events"',
  );

  await region(page, 'Instrumentation')
    .getByLabel('Digest')
    .fill(`sha256:${'0'.repeat(64)}`);
  await page.getByLabel('Find events').fill('memory_region_ops_*');
  await page.getByLabel('Find events').press('Enter');
  await page.getByRole('group', { name: 'Workload 1' }).getByLabel('writes').fill('1');
  await page.getByRole('button', { name: 'Submit job' }).click();
  await region(page, 'Instrumentation').getByText('no upload has this digest').first().waitFor();
  expect(await dashboard.jobs()).toHaveLength(before);
}, 60_000);

test(
  'the main fields can be filled in and submitted without a mouse',
  async () => {
    const { page } = await dashboard.open('/submit');
    const keyboard = page.keyboard;
    const tabTo = async (name: string | RegExp, role: Parameters<Page['getByRole']>[0]) => {
      const wanted = page.getByRole(role, { name }).first();
      for (let presses = 0; presses < 60; presses++) {
        if (await wanted.evaluate(isFocused)) return;
        await keyboard.press('Tab');
      }
      throw new Error(`no way to ${String(name)} with Tab`);
    };
    await tabTo(/^Name/, 'textbox');
    await keyboard.type('by keyboard');
    await tabTo('Find events', 'searchbox');
    await keyboard.type('memory_region_ops_*');
    await keyboard.press('Enter');
    await page.getByRole('list', { name: 'Selected events' }).waitFor();
    for (const variant of [3, 2]) {
      await page.getByRole('button', { name: `Remove variant ${variant}` }).focus();
      await keyboard.press('Enter');
    }
    await tabTo('Add a workload', 'button');
    await keyboard.press('Enter');
    await tabTo('until every comparison is decided', 'radio');
    await keyboard.press('ArrowDown');
    await tabTo('Blocks', 'spinbutton');
    await keyboard.type('200');
    await tabTo('Submit job', 'button');
    await keyboard.press('Enter');
    await submitted(page);
    await dashboard.service.client.post(`/v1/jobs/${page.url().slice(-36)}/cancel`, {});
    await page.getByRole('status').filter({ hasText: 'cancelled' }).waitFor();
  },
  BUILD_LIMIT_MS,
);

test('a folder without instrumentation is refused with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-folder-'));
  writeFileSync(join(folder, 'notes.txt'), 'nothing');
  const { page } = await dashboard.open('/submit');
  await region(page, 'Instrumentation')
    .getByLabel('Choose files')
    .setInputFiles(join(folder, 'notes.txt'));
  await page.getByRole('alert').getByText('it has neither a C source nor a Makefile').waitFor();
  rmSync(folder, { recursive: true });
}, 60_000);
