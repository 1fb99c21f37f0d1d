// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { Client } from '#cli/client.js';
import { fitsWidth, startBrowser, visitor } from '#support/browser.js';
import { startTestService, type TestService } from '#support/user-service.js';

let service: TestService;
let browser: Browser;
let token: string;
beforeAll(async () => {
  service = await startTestService({ QIBENCH_OPEN_ON_LOOPBACK: '0' });
  browser = await startBrowser();
  token = /qib_[0-9a-f]+_[0-9a-f]{8}/.exec(
    readFileSync(join(service.dataDir, 'api.log'), 'utf8'),
  )![0];
}, 120_000);
afterAll(async () => {
  await browser.close();
  await service.stop();
}, 120_000);

test('the first token is in a file that only its owner can read, and opens the service', async () => {
  expect(statSync(join(service.dataDir, 'api.log')).mode & 0o777).toBe(0o600);
  await expect(service.client.get('/v1/jobs')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await new Client(service.client.server, token).get('/v1/jobs')).toMatchObject({
    jobs: [],
  });
});

test(
  'a user signs in to the dashboard with a token, stays signed in and signs out, and scripts ' +
    'cannot read the session',
  async () => {
    const { page, complaints } = await visitor(browser, service.client.server, { size: 'phone' });
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await fitsWidth(page)).toBe(true);

    await page.getByLabel('Token').fill('qib_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('UNAUTHENTICATED').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    expect(
      await page.evaluate(
        'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)',
      ),
    ).not.toContain('qib_');

    await page.reload();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
  },
  60_000,
);
