// SPDX-License-Identifier: GPL-2.0-or-later
import type { Job } from '#contract/job.js';
import { brokenInvariants } from '../chaos/invariants.js';
import { submitJob } from '../chaos/jobs.js';
import { runRound } from '../chaos/round.js';
import { startStack, type Stack } from '../chaos/stack.js';
import { ended, reached, STEPS } from '../chaos/steps.js';
import { BUILD_LIMIT_MS } from '#support/user-service.js';

const CANCEL_LIMIT_MS = 30_000;

let stack: Stack;
beforeAll(async () => void (stack = await startStack(process.cwd(), null)), 120_000);
afterAll(() => stack.stop(), 120_000);

test.each(STEPS)(
  'a job cancelled when it is %s ends within 30 s and leaves nothing',
  async (step) => {
    const job = await submitJob(stack, process.cwd(), 'traced', `cancelled when ${step}`);
    expect(await reached(stack, job.id, step, 2)).toBe(true);

    // A job about to end may be quicker; then its cancel request was refused.
    const cancelled = await stack.client.post<Job>(`/v1/jobs/${job.id}/cancel`, {}).then(
      () => true,
      (error: { code: string }) => error.code !== 'JOB_ENDED' || step !== 'finishing',
    );

    expect(await ended(stack, job.id, CANCEL_LIMIT_MS)).toBe(true);
    expect(
      await brokenInvariants(stack, [{ ...job, kind: cancelled ? 'cancelled' : 'traced' }]),
    ).toEqual([]);
  },
  BUILD_LIMIT_MS,
);

test.each([3004, 3005, 4005])(
  'the faults of seed %s break nothing',
  async (seed) => {
    expect((await runRound(stack, process.cwd(), seed)).broken).toEqual([]);
  },
  BUILD_LIMIT_MS,
);
