// SPDX-License-Identifier: GPL-2.0-or-later
import { storeProfile } from '#store/profiles.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';
import { measuredJob } from '#support/measured-job.js';
import { newProfile, profileFunction } from '#support/profile.js';
import { newSampleOf } from '#support/sample.js';

const LIMIT_MS = 120_000;
const GEN = profileFunction({
  name: 'tb_gen_code',
  file: 'accel/tcg/translate-all.c',
  part: 'translation',
  self: 300_000,
  lines: [],
});
const CALLBACK = profileFunction({
  name: 'qi_event_x',
  object: 'libtrace-instrument.so',
  file: 'count.h',
  part: 'instrumentation',
  self: 500_000,
  lines: [{ line: 30, self: 500_000 }],
});

let dashboard: Dashboard;
let id: string;
beforeAll(async () => {
  dashboard = await startDashboard();
  const { store } = dashboard;
  id = await measuredJob(
    store,
    [1, 2, 3, 4, 5, 6].flatMap((block) =>
      ['none', 'dynamic'].map((variant, position) =>
        newSampleOf({ workload: 'w', variant, block, position }),
      ),
    ),
    { profile: true },
  );
  const tree = [
    { parent: -1, name: 'main', part: 'start-up', self: 0 },
    { parent: 0, name: 'serial_write', part: 'devices', self: 1_000_000 },
    { parent: 0, name: 'tb_gen_code', part: 'translation', self: 300_000 },
  ] as const;
  await storeProfile(store, id, 1, newProfile([profileFunction(), GEN], { tree: [...tree] }));
  await storeProfile(
    store,
    id,
    1,
    newProfile([profileFunction(), CALLBACK, GEN], {
      variant: 'dynamic',
      tree: [...tree, { parent: 1, name: 'qi_event_x', part: 'instrumentation', self: 500_000 }],
    }),
  );
}, LIMIT_MS);
afterAll(() => dashboard.stop());

test(
  'the headline of a comparison has the causes, and leads to the profiles',
  async () => {
    const { page } = await dashboard.open(`/jobs/${id}/compare`);

    await page.getByText('dynamic over none with w: +500 k instructions (+38.5 %)').waitFor();
    await page.getByText('100 % by qi_event_x (count.h:30), callbacks of').waitFor();
    await page.getByRole('link', { name: 'Profiles' }).click();
    await page.getByRole('heading', { name: 'Flame graph' }).waitFor();
  },
  LIMIT_MS,
);

test(
  'a flame graph is walked and zoomed by keyboard, searched, and coloured by change',
  async () => {
    const { page } = await dashboard.open(`/jobs/${id}/profile?run=dynamic with w`);
    const frame = (name: RegExp) => page.locator('.flame').getByRole('button', { name });
    await frame(/^main, start-up: 1.8 M instructions, 100.0 %/).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');

    expect(await page.evaluate('document.activeElement.textContent')).toBe('qi_event_x');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await frame(/^tb_gen_code/).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await frame(/^tb_gen_code/).waitFor();

    await page.getByLabel('Search functions').fill('qi_');
    expect(await page.locator('.flame-frame.found').allTextContents()).toEqual(['qi_event_x']);
    expect(await page.getByRole('table', { name: 'Functions' }).locator('tbody tr').count()).toBe(
      1,
    );

    await page.getByLabel('Colour by change from').selectOption('none with w');
    await frame(/^qi_event_x, .*; its own change \+500 k$/).waitFor();
  },
  LIMIT_MS,
);

test(
  'a profile can be downloaded in every format',
  async () => {
    const { page } = await dashboard.open(`/jobs/${id}/profile?run=dynamic with w`);
    const link = page.getByRole('link', { name: 'collapsed stacks' });

    const address = (await link.getAttribute('href'))!;
    const text = await (await page.request.get(address)).text();
    expect(text).toContain('main;serial_write;qi_event_x 500000\n');
    expect(await page.getByRole('link', { name: 'speedscope' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'callgrind’s file' }).count()).toBe(1);
  },
  LIMIT_MS,
);
