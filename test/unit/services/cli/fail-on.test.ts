// SPDX-License-Identifier: GPL-2.0-or-later
import type { Client } from '#cli/client.js';
import { failsOn } from '#cli/fail-on.js';
import type { Job } from '#contract/job.js';
import { compareJob } from '#domain/comparison.js';
import { exampleReport } from '#support/example-report.js';

const { job, samples } = exampleReport(['port-io'], 1, 1.5, 1.1);
const aside = exampleReport(['port-io'], 1, 1.5);

/** A service that returns these comparisons, by metric. */
function serving(comparisons: Record<string, object>): Client {
  return {
    get: (path: string) =>
      Promise.resolve(comparisons[new URL(path, 'http://x').searchParams.get('metric')!]),
  } as Client;
}
const withThreshold = (job: Job, metric: string): Job => ({
  ...job,
  plan: { ...job.plan, thresholds: [{ metric, threshold: 0.02 }] },
});
const regression = compareJob(job.id, job.plan, samples);
const quiet = { ...regression, sides: [], changes: [] };

test(
  'a confirmed regression of head fails the command, an advisory one does not, and by default ' +
    'nothing does',
  async () => {
    const client = serving({ wallNs: { ...regression, advisory: false } });
    expect(await failsOn(client, job, 'regression')).toBe(true);
    expect(await failsOn(client, job, 'never')).toBe(false);
    expect(
      await failsOn(serving({ wallNs: { ...regression, advisory: true } }), job, 'inconclusive'),
    ).toBe(false);
  },
);

test('the cost of a variant over the baseline does not fail a command', async () => {
  expect(aside.comparison.rows.map(({ verdict }) => verdict)).toContain('regression');
  expect(
    await failsOn(
      serving({ wallNs: { ...aside.comparison, advisory: false } }),
      aside.job,
      'inconclusive',
    ),
  ).toBe(false);
});

test('a metric with a threshold is judged too', async () => {
  const client = serving({
    wallNs: { ...quiet, advisory: false },
    userNs: { ...regression, metric: 'userNs', advisory: false },
  });
  expect(await failsOn(client, job, 'regression')).toBe(false);
  expect(await failsOn(client, withThreshold(job, 'userNs'), 'regression')).toBe(true);
});
