// SPDX-License-Identifier: GPL-2.0-or-later
// Takes screenshots of pages of a running service, for docs/ and for review:
//   node dist/tools/screenshots.js http://127.0.0.1:7171 FOLDER name=/path …
// Takes each page at 1280 px, light and dark, and at 390 px.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startBrowser, visitor } from '#support/browser.js';

const [url, folder, ...pages] = process.argv.slice(2);
if (url === undefined || folder === undefined || pages.length === 0)
  throw new Error('usage: screenshots URL FOLDER name=/path …');
await mkdir(folder, { recursive: true });
const browser = await startBrowser();
for (const [suffix, options] of [
  ['', {}],
  ['-dark', { theme: 'dark' }],
  ['-phone', { size: 'phone' }],
] as const) {
  const { page, complaints } = await visitor(browser, url, options);
  for (const pair of pages) {
    const at = pair.indexOf('=');
    await page.goto(pair.slice(at + 1));
    await page.locator('main h1').waitFor();
    // Pages with an event stream are never idle.
    await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined);
    await page.locator('.placeholder').first().waitFor({ state: 'detached' });
    await page.screenshot({
      path: join(folder, `${pair.slice(0, at)}${suffix}.png`),
      fullPage: true,
    });
  }
  for (const complaint of complaints) console.error(complaint);
}
await browser.close();
