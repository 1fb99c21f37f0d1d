// SPDX-License-Identifier: GPL-2.0-or-later
// Measures whether the dashboard stays fluid with 500 jobs and 200 series: `npm run
// bench:dashboard`. The browser itself reports tasks over 50 ms, which users notice as a stutter,
// and the time between two frames. Prints the table of docs/dashboard.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startPostgres } from '#cli/embedded/postgres.js';
import { startRedis } from '#cli/embedded/redis.js';
import { migrate } from '#store/migrate.js';
import { startDashboard } from '#support/dashboard.js';
import { manyJobs, manySeries } from '#support/many.js';

const JOBS = 500;
const SERIES = 200;
const POINTS = 100;
const [POSTGRES_PORT, REDIS_PORT] = [54_398, 54_399];
const WHEEL_PX = 240;
const STEPS = 60;

/** Script that runs in the page before any other script. */
const OBSERVE = `
globalThis.tasks = [];
globalThis.frames = [];
const observer = new PerformanceObserver((list) =>
  tasks.push(...list.getEntries().map(({ duration }) => duration)),
);
observer.observe({ type: 'longtask' });
let before;
requestAnimationFrame(function next(now) {
  if (before !== undefined) frames.push(now - before);
  before = now;
  requestAnimationFrame(next);
});`;

interface Observed {
  readonly tasks: number[];
  readonly frames: number[];
}

/** Returns the browser's observations during an action. */
async function observe(page: Page, act: () => Promise<void>): Promise<Observed> {
  await page.evaluate('tasks.length = frames.length = 0');
  await act();
  return (await page.evaluate('({ tasks, frames })')) as Observed;
}

function print(what: string, { tasks, frames }: Observed): void {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) =>
    `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)} ms`;
  console.log(
    `| ${what} | ${frames.length} | ${at(0.5)} | ${at(0.95)} | ${tasks.length} | ` +
      `${Math.max(0, ...tasks).toFixed(0)} ms |`,
  );
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(600, 500);
  for (let step = 0; step < STEPS; step += 1) {
    await page.mouse.wheel(0, WHEEL_PX);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'qibench-bench-dashboard-'));
const [postgres, redis] = [
  await startPostgres(folder, POSTGRES_PORT),
  await startRedis(folder, REDIS_PORT),
];
try {
  await migrate(postgres.url, process.cwd());
  Object.assign(process.env, { TEST_DATABASE_URL: postgres.url, TEST_REDIS_URL: redis.url });
  const dashboard = await startDashboard();
  await manyJobs(dashboard.store, 'many', JOBS);
  await manySeries(dashboard.client, 'many', SERIES, POINTS);
  const { page } = await dashboard.open('about:blank');
  await page.addInitScript(OBSERVE);

  console.log(
    '| what | frames | apart, median | 95 % | tasks over 50 ms | longest |\n|---|---|---|---|---|---|',
  );
  await page.goto('/?project=many');
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await rows.first().waitFor();
  print(
    `${JOBS} jobs are fetched and shown`,
    await observe(page, async () => {
      for (let shown = await rows.count(); shown < JOBS; shown = await rows.count()) {
        await page.getByRole('button', { name: 'Show more' }).click();
        await rows.nth(shown).waitFor();
      }
    }),
  );
  print('they are scrolled through', await observe(page, () => scroll(page)));
  print(
    'a filter is typed',
    await observe(page, async () => {
      await page.getByLabel('Name contains').pressSequentially('many 321', { delay: 30 });
      await rows.nth(1).waitFor({ state: 'detached' });
    }),
  );
  await page.goto('/history?project=many');
  const series = page.getByRole('region', { name: 'Series' }).getByRole('link');
  await series.nth(SERIES - 1).waitFor();
  print(
    `${SERIES} series of ${POINTS} points are scrolled through, and drawn on the way`,
    await observe(page, () => scroll(page)),
  );
  print(
    'they are scrolled back',
    await observe(page, async () => {
      for (let step = 0; step < STEPS; step += 1) {
        await page.mouse.wheel(0, -WHEEL_PX);
        await page.evaluate('new Promise(requestAnimationFrame)');
      }
    }),
  );
  await dashboard.stop();
} finally {
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
