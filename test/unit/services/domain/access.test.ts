// SPDX-License-Identifier: GPL-2.0-or-later
import type { JobPlan } from '#contract/job.js';
import { JOB_QUOTA } from '#contract/project-use.js';
import { checkPlan, type Access } from '#domain/access.js';
import { jobPlan, plannedWorkload, planUntilDecided, variantOf } from '#support/job-plan.js';

const plan = (details: Partial<JobPlan>) =>
  jobPlan({ variants: [variantOf('none'), variantOf('idle')], batches: 2, ...details });
const accessWith = (quota: object) =>
  ({ project: 'p', quota: { ...JOB_QUOTA, ...quota } }) as Access;
const access = (runsPerJob: number) => accessWith({ runsPerJob });

test('the number of runs covers all batches, and doubles if instructions are counted to be judged', () => {
  expect(() => checkPlan(access(24), plan({}))).not.toThrow();
  expect(() => checkPlan(access(23), plan({}))).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
  const judged = plan({ thresholds: [{ metric: 'hostInstructions', threshold: 0.01 }] });
  expect(() => checkPlan(access(48), judged)).not.toThrow();
  expect(() => checkPlan(access(47), judged)).toThrow(
    expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
  );
});

test('the number of runs of a job until decided is bounded by its time and its blocks', () => {
  const until = (details: Partial<JobPlan>) =>
    planUntilDecided({ variants: [variantOf('none'), variantOf('idle')], ...details });
  const runs = (limit: number, details: Partial<JobPlan>) => () =>
    checkPlan(access(limit), until(details));
  const refused = expect.objectContaining({ code: 'QUOTA_EXCEEDED' }) as Error;

  expect(runs(600, { withinSeconds: 60 })).not.toThrow();
  expect(runs(599, { withinSeconds: 60 })).toThrow(refused);
  expect(runs(1536, { withinSeconds: 3600 })).not.toThrow();
  expect(runs(1535, { withinSeconds: 3600 })).toThrow(refused);
});

test('variants, workloads and blocks are bounded by their quotas, and the error names the field', () => {
  const large = plan({
    variants: Array.from({ length: 13 }, (_, index) => variantOf('none', { name: `v${index}` })),
    workloads: Array.from({ length: 17 }, (_, index) => plannedWorkload(`w${index}`)),
    blocks: 201,
    batches: 1,
  });
  const refusedFor = (quota: object) => {
    try {
      checkPlan(accessWith({ runsPerJob: 1e6, ...quota }), large);
    } catch (error) {
      return error;
    }
    return null;
  };
  const ofField = (path: string) =>
    expect.objectContaining({
      code: 'QUOTA_EXCEEDED',
      details: [{ path, message: expect.stringContaining('at most') as string }],
    }) as Error;

  expect(refusedFor({})).toEqual(ofField('variants'));
  expect(refusedFor({ variantsPerJob: 13 })).toEqual(ofField('workloads'));
  expect(refusedFor({ variantsPerJob: 13, workloadsPerJob: 17 })).toEqual(ofField('blocks'));
  expect(refusedFor({ variantsPerJob: 13, workloadsPerJob: 17, blocksPerJob: 201 })).toBeNull();
});

test('a caller without a project has no quota', () => {
  const variants = Array.from({ length: 13 }, (_, index) =>
    variantOf('none', { name: `v${index}` }),
  );

  expect(() => checkPlan({ project: null, quota: null }, plan({ variants }))).not.toThrow();
});
