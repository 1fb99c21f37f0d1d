// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser } from 'playwright-core';
import { Client } from '#cli/client.js';
import type { Job } from '#contract/job.js';
import { startApi } from '#support/api-process.js';
import { startBrowser, visitor } from '#support/browser.js';
import { startPathProxy } from '#support/path-proxy.js';
import { REQUEST_BODY } from '#support/job-request.js';

let api: Awaited<ReturnType<typeof startApi>>;
let proxy: Awaited<ReturnType<typeof startPathProxy>>;
let browser: Browser;
beforeAll(async () => {
  const settings = { QIBENCH_BASE_PATH: '/tools/qibench', QIBENCH_TRUST_PROXY: '127.0.0.1' };
  [api, browser] = await Promise.all([startApi(settings), startBrowser()]);
  proxy = await startPathProxy(api.client.server, '/tools/qibench');
}, 60_000);
afterAll(async () => {
  await browser.close();
  await proxy.stop();
  await api.stop();
});

test('below a path of a proxy, pages, links, downloads and live progress work', async () => {
  const client = new Client(proxy.url);
  const job = await client.post<Job>('/v1/jobs', { ...REQUEST_BODY, name: 'below a path' });
  const { page, complaints } = await visitor(browser, proxy.url);
  const failed: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });

  await page.goto(`${proxy.url}/`);
  await page.getByRole('link', { name: 'below a path' }).first().click();
  await page.waitForURL(`${proxy.url}/jobs/${job.id}`);
  await page.getByRole('heading', { name: 'below a path' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await page.getByText('cancelled').first().waitFor(); // by the event stream

  await page.reload();
  await page.getByRole('heading', { name: 'below a path' }).waitFor();
  await page.getByRole('link', { name: 'Hosts' }).click();
  await page.waitForURL(`${proxy.url}/hosts`);
  await page.getByRole('heading', { name: 'Hosts' }).waitFor();
  await page.goto(`${proxy.url}/docs`);
  await page.getByRole('heading', { name: 'qibench' }).waitFor();
  expect({ failed, complaints }).toEqual({ failed: [], complaints: [] });
}, 60_000);

test.each(['qibench', '/qibench/', '/a b', '/x"y'])(
  'the base path %s is refused at the start',
  async (path) => {
    const refused = startApi({ QIBENCH_BASE_PATH: path }, 'pipe');

    await expect(refused).rejects.toThrow('the API did not start');
  },
  30_000,
);
