// SPDX-License-Identifier: GPL-2.0-or-later
import { exampleReport } from '#support/example-report.js';
import { startDashboard, type Dashboard } from '#support/dashboard.js';
import { plannedWorkload } from '#support/job-plan.js';
import { measuredJob } from '#support/measured-job.js';

const LIMIT_MS = 60_000;

let dashboard: Dashboard;
beforeAll(async () => void (dashboard = await startDashboard()), LIMIT_MS);
afterAll(() => dashboard.stop());

test(
  'the comparison of a sweep draws the cost over the value, with its numbers in a table',
  async () => {
    const writes = [10, 100, 1_000];
    const labels = writes.map((count) => `port-io writes=${count}`);
    const id = await measuredJob(
      dashboard.store,
      exampleReport(labels).samples,
      { name: 'sweep' },
      {
        workloads: labels.map((label, index) =>
          plannedWorkload(label, { name: 'port-io', swept: { writes: writes[index]! } }),
        ),
      },
    );
    const { page, complaints } = await dashboard.open(`/jobs/${id}/compare`);
    const section = page.getByRole('region', { name: 'Cost by writes' });
    await section.getByRole('img', { name: 'ratio to none by writes' }).waitFor();
    await section.getByLabel('Show').selectOption('median');
    await section.getByRole('img', { name: 'median of wall time by writes' }).waitFor();
    await section.getByText('Values', { exact: true }).click();
    const rows = section.getByRole('table', { name: 'Cost by writes' }).getByRole('rowheader');

    expect([...new Set(await rows.allInnerTexts())]).toEqual(writes.map(String));
    expect(complaints).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'the form shows the plan of a job before it is submitted',
  async () => {
    const { page, complaints } = await dashboard.open('/submit');
    await page.getByLabel('Name', { exact: true }).first().fill('planned');
    for (const number of [3, 2])
      await page.getByRole('button', { name: `Remove variant ${number}` }).click();
    await page.getByRole('button', { name: 'Add a workload' }).click();
    await page
      .getByRole('group', { name: 'Workload 1' })
      .getByRole('combobox', { name: 'Workload' })
      .selectOption('port-io');
    await page.getByLabel('values of a parameter, an option or a placeholder').check();
    await page.getByLabel('Swept values').fill('writes: 10, 100\nsmp: 1, 2');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    const plan = page.getByRole('status', { name: 'Plan' });
    await plan.getByText('1 variant with 4 workloads').waitFor();
    expect(complaints).toEqual([]);

    await page.getByLabel('Swept values').fill('unknown: 1');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByText('neither a parameter of the workloads').first().waitFor();
  },
  LIMIT_MS,
);
