import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { fitsWidth, startBrowser, visitor, type Visitor } from '#support/browser.js';
import { BUILD_LIMIT_MS, startTestService, type TestService } from '#support/user-service.js';
import type { Job, JobList } from '#contract/job.js';
import { readFolder } from '#worker/build/tar.js';
import { uploadFiles } from '#support/upload.js';

const PORT = 7192;
const HOSTILE = '<img src=x onerror=alert(1)>';
const usual = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: { writes: 100_000 } }],
  blocks: 6,
};
/** A job that runs long enough to be cancelled. */
const long = {
  ...usual,
  workloads: [{ name: 'port-io', parameters: { writes: 20_000_000 } }],
  blocks: 200,
};

let service: TestService;
let browser: Browser;
let visitors: Visitor[] = [];
const dialogs: string[] = [];
beforeAll(async () => {
  service = await startTestService(PORT);
  browser = await startBrowser();
  // Builds take minutes on a fresh machine: finish them before a page has a time limit.
  const { digest } = await uploadFiles(service.client, await readFolder('qemu/examples/count'));
  const first = await service.finish({
    ...usual,
    name: 'the first of all',
    variants: ['none', 'dynamic', 'static', { mode: 'backend', backend: 'simple', trace: true }],
    instrumentation: digest,
  });
  expect(first).toMatchObject({ state: 'succeeded', error: null });
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await browser.close();
  await service.stop();
}, 120_000);
beforeEach(() => void (visitors = []));
afterEach(async () => {
  for (const { page } of visitors) await page.context().close();
});

async function open(path: string, options: Parameters<typeof visitor>[2] = {}): Promise<Visitor> {
  const came = await visitor(browser, `http://127.0.0.1:${PORT}`, options);
  visitors.push(came);
  came.page.setDefaultTimeout(60_000);
  came.page.on('dialog', (dialog) => void (dialogs.push(dialog.message()), dialog.dismiss()));
  await came.page.goto(path);
  await came.page.locator('main h1').waitFor();
  return came;
}

/** Script that runs in the page. */
const isFocused = (element: unknown) =>
  element ===
  (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement;
const isAtStart = (element: unknown) => (element as { scrollTop: number }).scrollTop === 0;
const isAtEnd = (element: unknown) => {
  const { scrollTop, scrollHeight, clientHeight } = element as {
    scrollTop: number;
    scrollHeight: number;
    clientHeight: number;
  };
  return scrollHeight - scrollTop - clientHeight < 5;
};
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
async function expectSoon(read: () => Promise<boolean>, wanted: boolean): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while ((await read()) !== wanted)
    if (Date.now() > deadlineMs) throw new Error(`still ${String(!wanted)}`);
}

const jobs = async () => (await service.client.get<JobList>('/v1/jobs')).jobs;
const submitted = (page: Page) => page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);

test(
  'the form submits the example of the README, shows its progress and leads to its comparison',
  async () => {
    const { page, complaints } = await open('/');
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
    expect((await jobs()).filter(({ name }) => name === 'what a port write costs')).toHaveLength(1);
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
    const { page } = await open('/submit');
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
      .waitFor();
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
  const before = (await jobs()).length;
  const { page } = await open('/submit');
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
  expect(await jobs()).toHaveLength(before);
}, 60_000);

test(
  'the main fields can be filled in and submitted without a mouse',
  async () => {
    const { page } = await open('/submit');
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
    await service.client.post(`/v1/jobs/${page.url().slice(-36)}/cancel`, {});
    await page.getByRole('status').filter({ hasText: 'cancelled' }).waitFor();
  },
  BUILD_LIMIT_MS,
);

test(
  'a job is cancelled after a confirmation and runs again unchanged',
  async () => {
    const job = await service.client.post<Job>('/v1/jobs', { ...long, name: 'long' });
    const { page } = await open(`/jobs/${job.id}`);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('status').filter({ hasText: 'cancelled' }).waitFor();

    await page.getByRole('button', { name: 'Run again' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(job.id));
    const again = await service.client.get<Job>(`/v1/jobs/${page.url().slice(-36)}`);
    expect(again.request).toEqual(job.request);
    await service.client.post(`/v1/jobs/${again.id}/cancel`, {});
  },
  BUILD_LIMIT_MS,
);

test(
  'the address holds the filter of jobs, / focuses it, and states change without a reload',
  async () => {
    const ended = await service.client.post<Job>('/v1/jobs', { ...usual, name: 'of another name' });
    await service.client.post(`/v1/jobs/${ended.id}/cancel`, {});
    const { page } = await open('/');
    await page.getByRole('link', { name: 'of another name' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('LIVE');
    await page.getByText('No matching jobs.').waitFor();
    expect(page.url()).toMatch(/\?name=LIVE$/);

    const runs = await service.client.post<Job>('/v1/jobs', { ...long, name: 'live one' });
    const waits = await service.client.post<Job>('/v1/jobs', { ...long, name: 'live two' });
    const row = (name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('link', { name }) });
    await row('live one')
      .getByText(/\d of 200 blocks/)
      .waitFor();
    await row('live two').getByText('next in the queue').waitFor();
    await page.getByLabel('State').selectOption('active');
    await service.client.post(`/v1/jobs/${waits.id}/cancel`, {});
    await row('live two').waitFor({ state: 'detached' });
    await page.reload();
    await row('live one').waitFor();
    expect(await page.getByLabel('State').inputValue()).toBe('active');
    await service.client.post(`/v1/jobs/${runs.id}/cancel`, {});
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
    const { digest } = await uploadFiles(service.client, [
      { path: 'instrument.c', content: 'int x;\n' },
      { path: 'Makefile', content: makefile },
    ]);
    const job = await service.finish({
      ...usual,
      name: HOSTILE,
      variants: ['none', 'dynamic'],
      instrumentation: digest,
    });
    expect(job.error).toMatchObject({ code: 'COMPILE_FAILED' });

    const { page, complaints } = await open(`/jobs/${job.id}`);
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
    expect([complaints, dialogs]).toEqual([[], []]);
  },
  BUILD_LIMIT_MS,
);

test('stages continue after the stream has broken', async () => {
  const [newest] = await jobs();
  const { page } = await open('/');
  let refused = 0;
  await page.route('**/events', (route) =>
    refused++ === 0 ? route.fulfill({ status: 503 }) : route.continue(),
  );
  await page.getByRole('link', { name: newest!.name }).first().click();
  await region(page, 'Stages').getByText('Connection lost').waitFor();
  await region(page, 'Stages').getByText('Images').waitFor();
  await region(page, 'Stages').getByText('Connection lost').waitFor({ state: 'detached' });
}, 60_000);

test('a folder without instrumentation is refused with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qibench-folder-'));
  writeFileSync(join(folder, 'notes.txt'), 'nothing');
  const { page } = await open('/submit');
  await region(page, 'Instrumentation')
    .getByLabel('Choose files')
    .setInputFiles(join(folder, 'notes.txt'));
  await page.getByRole('alert').getByText('it has neither a C source nor a Makefile').waitFor();
  rmSync(folder, { recursive: true });
}, 60_000);

test('every page fits a phone, and an unknown job shows an error', async () => {
  const [newest] = await jobs();
  for (const path of ['/', '/submit', `/submit?from=${newest!.id}`, `/jobs/${newest!.id}`]) {
    const { page } = await open(path, { size: 'phone' });
    await page.locator('.placeholder').first().waitFor({ state: 'detached' });
    expect([path, await fitsWidth(page)]).toEqual([path, true]);
  }
  const { page } = await open('/jobs/00000000-0000-4000-8000-000000000000');
  await page.getByRole('alert').getByText('no job').waitFor();
}, 60_000);
