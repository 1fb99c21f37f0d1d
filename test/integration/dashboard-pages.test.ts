// SPDX-License-Identifier: GPL-2.0-or-later
import type { Page } from 'playwright-core';
import { storeProfile } from '#store/profiles.js';
import { newProfile } from '#support/profile.js';
import { fitsWidth, SIZES } from '#support/browser.js';
import { measuredJob } from '#support/measured-job.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';
import { exampleReport } from '#support/example-report.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';

const LIMIT_MS = 120_000;

let dashboard: Dashboard;
const pages: Record<string, string> = { jobs: '/', submit: '/submit', hosts: '/hosts' };
beforeAll(async () => {
  dashboard = await startDashboard();
  const { store, client } = dashboard;
  const sided = await measuredJob(store, exampleReport(['port-io'], 1, 1.1, 1.3).samples, {
    name: 'sided',
    project: 'pages',
    commit: 'b'.repeat(40),
  });
  const other = await measuredJob(store, exampleReport(['port-io'], 5).samples, { name: 'other' });
  const file = (value: bigint) => [
    header(),
    mapping(1n, 'tick'),
    ...Array.from({ length: 500 }, (_, index) =>
      record(1n, BigInt(1_000 + index * 10), 1, BigInt(index) * value),
    ),
  ];
  const [first, second] = [
    await storeTrace(store, 'tick(uint64_t number) "%d"\n', file(1n)),
    await storeTrace(store, 'tick(uint64_t number) "%d"\n', file(2n)),
  ];
  for (let day = 0; day < 12; day += 1) {
    const document = { quicksort: { 'wall-ns': { value: day < 6 ? 1e9 : 1.2e9 } } };
    await client.post('/v1/imports', {
      format: 'bmf',
      project: 'pages',
      variant: 'dynamic',
      commit: `${day}`.padStart(40, 'c'),
      committedAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      host: `sha256:${'d'.repeat(64)}`,
      document,
    });
  }
  await storeProfile(store, sided, 1, newProfile());
  Object.assign(pages, {
    profile: `/jobs/${sided}/profile`,
    job: `/jobs/${sided}`,
    comparison: `/jobs/${sided}/compare`,
    'two jobs': `/jobs/${sided}/compare?with=${other}`,
    'like an earlier job': `/submit?from=${other}&baseline=${sided}`,
    trace: `/traces/${first.traceId}`,
    'two traces': `/traces/${first.traceId}?with=${second.traceId}`,
    history: '/history?project=pages',
    series: '/history?project=pages&branch=main&workload=quicksort&variant=dynamic&metric=wallNs',
  });
}, LIMIT_MS);
afterAll(() => dashboard.stop());

/** Waits until a page has loaded everything. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1, main > .empty').first().waitFor();
  await page.locator('.placeholder').first().waitFor({ state: 'detached' });
}

/** Controls without a name for screen readers. Runs in the page. */
const NAMELESS = `(() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, [tabindex="0"]';
  const isNameless = (control) => {
    const named = control.ariaLabel ?? control.getAttribute('aria-labelledby') ?? control.title;
    const labels = [...(control.labels ?? [])];
    const labelled = labels.some((label) => label.textContent.trim() !== '');
    return !named && !labelled && control.textContent.trim() === '';
  };
  const controls = [...document.querySelectorAll(kinds)].filter(isNameless);
  return controls.map((control) => control.outerHTML.slice(0, 200));
})()`;

/** Painted texts below the contrast of WCAG AA, except on disabled controls. Runs in the page. */
const FAINT = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const pixel = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let box = element; box !== null; box = box.parentElement) {
      const [r, g, b, alpha] = pixel(getComputedStyle(box).backgroundColor);
      if (alpha === 255) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const ignored = ':disabled, [aria-disabled=true], option, script, .visually-hidden, svg';
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.closest(ignored) !== null) continue;
    if (!element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [low, high] = [luminance(pixel(color)), luminance(groundOf(element))].sort((a, b) => a - b);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    if ((high + 0.05) / (low + 0.05) < (large ? 3 : 4.5)) faint.push(node.data.trim().slice(0, 60) + ' ' + color);
  }
  return faint;
})()`;

test.each(['light', 'dark'] as const)(
  'every page, in %s, has readable texts and named controls and obeys its content security policy',
  async (theme) => {
    for (const [name, path] of Object.entries(pages)) {
      const { page, complaints } = await dashboard.open(path, { theme });
      await settled(page);
      expect([name, await page.evaluate(FAINT), await page.evaluate(NAMELESS), complaints]).toEqual(
        [name, [], [], []],
      );
      await page.context().close();
    }
  },
  LIMIT_MS,
);

test.each(Object.keys(SIZES) as (keyof typeof SIZES)[])(
  'every page fits the width of a %s',
  async (size) => {
    for (const [name, path] of Object.entries(pages)) {
      const { page } = await dashboard.open(path, { size });
      await settled(page);
      expect([name, await fitsWidth(page)]).toEqual([name, true]);
      await page.context().close();
    }
  },
  LIMIT_MS,
);

test(
  'Tab goes through all controls of every page, each with a visible focus, and leaves the page',
  async () => {
    for (const [name, path] of Object.entries(pages)) {
      const { page } = await dashboard.open(path);
      await settled(page);
      const controls = (await page.evaluate(
        `document.querySelectorAll('a[href], button:not(:disabled), input:not(:disabled), ` +
          `select, textarea, summary').length`,
      )) as number;
      const inMain = (await page.evaluate(
        `document.querySelectorAll('main :is(a[href], button:not(:disabled), ` +
          `input:not(:disabled), select, textarea, summary)').length`,
      )) as number;
      let reachedMain = false;
      for (let presses = 0; presses < controls + 20; presses += 1) {
        await page.keyboard.press('Tab');
        const at = (await page.evaluate(
          `(() => { const e = document.activeElement; const outline = ` +
            `getComputedStyle(e).outlineStyle; return [e === document.body, e.closest('main') ` +
            `!== null, outline, e.outerHTML.slice(0, 120), e.matches('[type=file]')]; })()`,
        )) as [boolean, boolean, string, string, boolean];
        if (at[0]) break;
        reachedMain ||= at[1];
        if (!at[4] && at[2] === 'none')
          throw new Error(`${name}: nothing shows that this has the focus: ${at[3]}`);
      }
      expect([name, reachedMain]).toEqual([name, inMain > 0]);
      await page.context().close();
    }
  },
  LIMIT_MS,
);
