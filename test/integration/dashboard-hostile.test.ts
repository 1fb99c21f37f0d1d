// SPDX-License-Identifier: GPL-2.0-or-later
import type { Page } from 'playwright-core';
import { acceptJob, claimJob } from '#store/jobs.js';
import { appendLog } from '#store/logs.js';
import { JobPlan } from '#contract/job.js';
import { jobRequest } from '#support/job-request.js';
import { measuredJob } from '#support/measured-job.js';
import { storeTrace } from '#support/stored-trace.js';
import { header, mapping, record } from '#support/trace-encoder.js';
import { exampleReport } from '#support/example-report.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';

const HOSTILE =
  '<img src=x onerror=alert(1)><script>alert(2)</script>"\'>${alert(3)}javascript:alert(4)';
const LIMIT_MS = 60_000;

let dashboard: Dashboard;
beforeAll(async () => void (dashboard = await startDashboard()), LIMIT_MS);
afterAll(() => dashboard.stop());

/** Opens a page and records dialogs, complaints and elements that hostile text could cause. */
async function watched(path: string): Promise<{ page: Page; happened: () => Promise<unknown[]> }> {
  const { page, complaints } = await dashboard.open(path);
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => void (dialogs.push(dialog.message()), dialog.dismiss()));
  return {
    page,
    happened: async () => [
      dialogs,
      complaints,
      await page.locator('img[src=x], main script, main iframe').count(),
    ],
  };
}
const NOTHING = [[], [], 0];

test(
  'texts and event names of a trace stay text, in its table, lanes, statistics and beside another',
  async () => {
    const file = [
      header(),
      mapping(1n, 'say'),
      mapping(2n, HOSTILE),
      record(1n, 1_000n, 1, HOSTILE),
      record(2n, 1_500n, 1, 7n),
      record(1n, 2_000n, 2, `\u001b[31m${HOSTILE}`),
    ];
    const { traceId, jobId } = await storeTrace(
      dashboard.store,
      'say(const char *text) "%s"\n',
      file,
    );
    const { traceId: second } = await storeTrace(dashboard.store, 'say(const char *text) "%s"\n', [
      header(),
      mapping(1n, 'say'),
      record(1n, 1_000n, 1, `other ${HOSTILE}`),
    ]);
    const { page, happened } = await watched(`/traces/${traceId}`);
    await page.getByRole('region', { name: 'Records' }).last().getByText(HOSTILE).first().waitFor();
    await page.getByRole('region', { name: 'Statistics per event' }).getByText('say').waitFor();
    await page.getByLabel('Event name contains').fill(HOSTILE);
    await page.getByText(`No event name contains “${HOSTILE}”.`).waitFor();
    await page.goto(`/traces/${traceId}?with=${second}`);
    await page.getByText('is the first that differs').waitFor();
    expect(await happened()).toEqual(NOTHING);
    expect(jobId).toMatch(/^[0-9a-f-]{36}$/);
  },
  LIMIT_MS,
);

test(
  'a log stays text: markup, terminal escapes and imitations of the event stream',
  async () => {
    const { store } = dashboard;
    const plan = JobPlan.parse({
      events: [],
      blocks: 6,
      seed: 1,
      batches: 1,
      sides: null,
      variants: [],
      workloads: [],
    });
    const { job } = await acceptJob(store, {
      request: jobRequest({ name: HOSTILE }),
      plan,
      requestDigest: 'd',
    });
    const { epoch } = (await claimJob(store, job.id, 'w'))!;
    await appendLog(
      store,
      job.id,
      epoch,
      'build',
      `\u001b]0;${HOSTILE}\u0007\u001b[2J${HOSTILE}\r\ndata: {"type":"state","state":"succeeded"}\n`,
    );
    const { page, happened } = await watched(`/jobs/${job.id}`);
    await page.getByLabel('Output').getByText('data: {"type"').waitFor();
    expect(await page.getByLabel('Output').innerText()).toContain(`${HOSTILE}\ndata:`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(HOSTILE);
    expect(await page.getByRole('status').first().innerText()).toContain('building');
    expect(await happened()).toEqual(NOTHING);
  },
  LIMIT_MS,
);

test(
  'workloads and metrics of a comparison stay text',
  async () => {
    const { samples } = exampleReport([HOSTILE]);
    const id = await measuredJob(
      dashboard.store,
      samples.map((sample) => ({
        ...sample,
        metrics: [{ name: HOSTILE, value: 1, unit: HOSTILE }],
      })),
      { name: HOSTILE },
    );
    const { page, happened } = await watched(`/jobs/${id}/compare`);
    await page.getByRole('rowheader', { name: HOSTILE }).first().waitFor();
    expect(await happened()).toEqual(NOTHING);
  },
  LIMIT_MS,
);
