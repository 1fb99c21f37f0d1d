// SPDX-License-Identifier: GPL-2.0-or-later
import type { Browser, Page } from 'playwright-core';
import type { Job, JobList } from '#contract/job.js';
import { readFolder } from '#worker/build/tar.js';
import { startBrowser, visitor, type Visitor } from './browser.js';
import { uploadFiles } from './upload.js';
import { startTestService, type TestService } from './user-service.js';

/** A job that runs for seconds. */
export const SHORT_JOB = {
  qemu: { version: '7.2', target: 'x86_64-softmmu' },
  events: ['memory_region_ops_write'],
  variants: ['none'],
  workloads: [{ name: 'port-io', parameters: { writes: 100_000 } }],
  blocks: 6,
};

export const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** The dashboard of a whole service, in a browser. */
export class JobDashboard {
  /** Texts of dialogs that pages opened; each is dismissed. */
  readonly dialogs: string[] = [];
  service!: TestService;
  #browser!: Browser;
  #visitors: Visitor[] = [];

  /** Builds take minutes on a fresh machine, so a first job ends before a page has a time limit. */
  async start(): Promise<void> {
    this.service = await startTestService();
    this.#browser = await startBrowser();
    const { client } = this.service;
    const { digest } = await uploadFiles(client, await readFolder('qemu/examples/count'));
    const first = await this.service.finish({
      ...SHORT_JOB,
      name: 'the first of all',
      variants: ['none', 'dynamic', 'static', { mode: 'backend', backend: 'simple', trace: true }],
      instrumentation: digest,
    });
    expect(first).toMatchObject({ state: 'succeeded', error: null });
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.service.stop();
  }

  async open(path: string, options: Parameters<typeof visitor>[2] = {}): Promise<Visitor> {
    const opened = await visitor(this.#browser, this.service.client.server, options);
    this.#visitors.push(opened);
    const { page } = opened;
    page.setDefaultTimeout(60_000);
    page.on('dialog', (dialog) => void (this.dialogs.push(dialog.message()), dialog.dismiss()));
    await page.goto(path);
    await page.locator('main h1').waitFor();
    return opened;
  }

  async closePages(): Promise<void> {
    for (const { page } of this.#visitors.splice(0)) await page.context().close();
  }

  async jobs(): Promise<Job[]> {
    return (await this.service.client.get<JobList>('/v1/jobs')).jobs;
  }
}
