// SPDX-License-Identifier: GPL-2.0-or-later
import { expectationOf, type GuestNoise } from '#domain/expectation.js';
import { progressOf } from '#domain/progress.js';
import { random } from '#statistics/random.js';
import { pairsForNoChange } from '#statistics/planned-pairs.js';
import {
  jobPlan,
  onBothSides,
  plannedWorkload,
  planUntilDecided,
  TWO_SIDES,
  variantOf,
} from '#support/job-plan.js';
import { normalDraw } from '#support/draws.js';
import { measuredBlocks, type RunMs } from '#support/simulated-job.js';

const withBase = (details = {}) =>
  planUntilDecided({ sides: TWO_SIDES, variants: onBothSides([variantOf('none')]), ...details });
const scattered = (noiseSd: number): RunMs => {
  const next = random(2);
  return () => 100 * Math.exp(noiseSd * normalDraw(next));
};

describe('the progress of a job until decided', () => {
  test('states no remaining time before its own noise is known', () => {
    expect(progressOf(withBase(), [])).toEqual({
      blocks: 0,
      spentSeconds: 0,
      withinSeconds: 300,
      undecided: 1,
      remainingSeconds: null,
    });
    expect(progressOf(withBase(), measuredBlocks(withBase(), 7, scattered(0.05)))).toMatchObject({
      blocks: 7,
      remainingSeconds: null,
    });
  });

  test('estimates the remaining time from the noise of its blocks, within its limit', () => {
    const samples = measuredBlocks(withBase(), 40, scattered(0.05));
    const { spentSeconds, remainingSeconds } = progressOf(withBase(), samples);

    // A pair varies by √2 · 5 %; a block takes 0.23 s.
    const blocks = pairsForNoChange(0.05 * Math.SQRT2, 0.02) - 40;
    expect(remainingSeconds! / (0.23 * blocks)).toBeGreaterThan(0.4);
    expect(remainingSeconds! / (0.23 * blocks)).toBeLessThan(2.5);
    expect(progressOf(withBase({ withinSeconds: 11 }), samples).remainingSeconds).toBeCloseTo(
      11 - spentSeconds,
      9,
    );
  });

  test('has no remaining time when all comparisons are decided or the time is spent', () => {
    const decided = measuredBlocks(withBase(), 16, scattered(0));
    expect(progressOf(withBase(), decided)).toMatchObject({ undecided: 0, remainingSeconds: 0 });
    const spent = measuredBlocks(withBase(), 16, scattered(0.5));
    expect(progressOf(withBase({ withinSeconds: 1 }), spent)).toMatchObject({
      undecided: 1,
      remainingSeconds: 0,
    });
  });
});

test('the progress of a job with fixed blocks is in blocks', () => {
  const plan = jobPlan({ blocks: 6 });
  const two = measuredBlocks(plan, 2, () => 100);

  expect(progressOf(plan, two)).toMatchObject({ blocks: 2, withinSeconds: null, undecided: 0 });
  expect(progressOf(plan, two).remainingSeconds).toBeCloseTo(4 * 0.1, 9);
  expect(progressOf(plan, []).remainingSeconds).toBeNull();
  expect(
    progressOf(
      plan,
      measuredBlocks(plan, 12, () => 100),
    ).remainingSeconds,
  ).toBe(0);
});

describe('the expected duration of a plan', () => {
  const guest = (workload: string, details: Partial<GuestNoise> = {}): GuestNoise => ({
    hostFingerprint: 'h1',
    target: 'x86_64-softmmu',
    workload,
    noiseSd: 0.049,
    layoutSd: null,
    runSeconds: 0.1,
    ...details,
  });

  test('is the time to show that nothing changed', () => {
    expect(expectationOf(withBase(), [guest('w')])).toEqual({
      blocks: 124,
      seconds: expect.closeTo(124 * 2 * 0.1, 9) as number,
      noiseSd: 0.049,
      hostFingerprint: 'h1',
    });
  });

  test("sums the workloads, follows the noisiest, and stays within the job's limit", () => {
    const plan = withBase({ workloads: [plannedWorkload('w'), plannedWorkload('v')] });
    const guests = [guest('w'), guest('v', { noiseSd: 0.01, hostFingerprint: 'h2' })];

    expect(expectationOf(plan, guests)).toMatchObject({
      blocks: 124,
      seconds: expect.closeTo((124 + 16) * 2 * 0.1, 9) as number,
      noiseSd: 0.049,
      hostFingerprint: 'h1',
    });
    expect(expectationOf({ ...plan, withinSeconds: 20 }, guests)!.seconds).toBe(20);
    const noisy = expectationOf(withBase({ withinSeconds: 1e6 }), [guest('w', { noiseSd: 1 })])!;
    expect(noisy.blocks).toBe(768);
  });

  test('is unknown if a guest was never measured, or the blocks are fixed', () => {
    expect(expectationOf(withBase(), [guest('other')])).toBeNull();
    expect(expectationOf(withBase({ withinSeconds: null }), [guest('w')])).toBeNull();
  });
});
