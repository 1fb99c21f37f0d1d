// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { checkRuns, type Access } from '#domain/access.js';
import { jobPlan, planUntilDecided, variantOf } from '#support/job-plan.js';

const plan = (details: Partial<JobPlan>) =>
  jobPlan({ variants: [variantOf('none'), variantOf('idle')], batches: 2, ...details });
const access = (runsPerJob: number) =>
  ({ project: 'p', quota: { queuedJobs: 1, uploadBytes: 1, runsPerJob } }) as Access;

test('the number of runs covers all batches, and doubles if instructions are counted to be judged', () => {
  expect(() => checkRuns(access(24), plan({}))).not.toThrow();
  expect(() => checkRuns(access(23), plan({}))).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
  const judged = plan({ thresholds: [{ metric: 'hostInstructions', threshold: 0.01 }] });
  expect(() => checkRuns(access(48), judged)).not.toThrow();
  expect(() => checkRuns(access(47), judged)).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
});

test('the number of runs of a job until decided is bounded by its time and its blocks', () => {
  const until = (details: Partial<JobPlan>) =>
    planUntilDecided({ variants: [variantOf('none'), variantOf('idle')], ...details });
  const runs = (limit: number, details: Partial<JobPlan>) => () =>
    checkRuns(access(limit), until(details));
  const refused = expect.objectContaining({ code: 'QUOTA_EXCEEDED' }) as Error;

  expect(runs(600, { withinSeconds: 60 })).not.toThrow();
  expect(runs(599, { withinSeconds: 60 })).toThrow(refused);
  expect(runs(1536, { withinSeconds: 3600 })).not.toThrow();
  expect(runs(1535, { withinSeconds: 3600 })).toThrow(refused);
});
