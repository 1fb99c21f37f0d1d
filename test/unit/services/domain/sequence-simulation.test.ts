// SPDX-License-Identifier: GPL-2.0-or-later
import type { Verdict } from '#contract/comparison.js';
import type { JobPlan } from '#contract/job.js';
import { compareJob } from '#domain/comparison.js';
import { comparisonsOf, scheduleBlock } from '#domain/schedule.js';
import type { Sample } from '#contract/sample.js';
import { LOOK_EVERY } from '#statistics/sequential-decision.js';
import { clopperPearson } from '#statistics/clopper-pearson.js';
import { random } from '#statistics/random.js';
import { onBothSides, planUntilDecided, TWO_SIDES, variantOf } from '#support/job-plan.js';
import { normalDraw } from '#support/draws.js';
import { runBlock, whatIsOpen, type RunMs } from '#support/simulated-job.js';

const RUN_MS = 75;
const LAYOUT_SD = 0.008;
/** Factor by which a neighbour on the same core slows a run, for seconds at a time. */
const SLOW_STATE = 1.45;

/**
 * A machine that slows down by a third during a job, has two states of speed, and occasionally a
 * disturbed run. Every link of a build has its own speed.
 * @param headFactor Factor of head's `idle` over base's.
 */
function machine(seed: number, headFactor: number): RunMs {
  const next = random(seed, 1);
  let slow = false;
  return ({ variant, side, link }, block) => {
    if (next() < 0.05) slow = !slow;
    const layout = normalDraw(
      random(seed, 2, side === 'head' ? 0 : 1, variant === 'idle' ? 0 : 1, link),
    );
    return (
      RUN_MS *
      (variant === 'idle' && side === 'head' ? headFactor : 1) *
      Math.exp(LAYOUT_SD * layout + 0.01 * normalDraw(next)) *
      (slow ? SLOW_STATE : 1) *
      (next() < 0.05 ? 1.3 : 1) *
      (1 + block / 2000)
    );
  };
}

const MODES = [variantOf('none'), variantOf('idle')];
const plan = (seed: number): JobPlan =>
  planUntilDecided({ seed, sides: TWO_SIDES, variants: onBothSides(MODES), withinSeconds: 150 });

/**
 * Runs a whole job. Open comparisons change only at checks, so they are computed after every fourth
 * block.
 */
function measure(jobPlan: JobPlan, runMs: RunMs): Sample[] {
  const samples: Sample[] = [];
  for (let block = 1; ; block += LOOK_EVERY) {
    const isOpen = whatIsOpen(jobPlan, samples);
    if (isOpen === null) return samples;
    for (let next = block; next < block + LOOK_EVERY; next += 1)
      samples.push(...runBlock(scheduleBlock(jobPlan, next, isOpen), next, runMs));
  }
}

/**
 * Returns the verdicts of all comparisons of `jobs` jobs: of `none`, `idle` and the change of
 * idle's overhead.
 */
function verdicts(jobs: number, headFactor: number): (Verdict | null)[][] {
  return Array.from({ length: jobs }, (_, seed) => {
    const samples = measure(plan(seed), machine(seed, headFactor));
    const { sides, changes } = compareJob('j', plan(seed), samples);
    return [...sides, ...changes].map(({ verdict }) => verdict);
  });
}
const share = (
  jobVerdicts: readonly (readonly (Verdict | null)[])[],
  place: number,
  verdict: Verdict,
) => jobVerdicts.filter((job) => job[place] === verdict).length / jobVerdicts.length;

test(
  'jobs at equal speed call at most 2.5 % of comparisons different in each direction, and most ' +
    'of them the same',
  () => {
    const jobs = verdicts(200, 1);
    const all = jobs.flat();
    const count = (verdict: Verdict) => all.filter((found) => found === verdict).length;

    expect(all).toHaveLength(200 * comparisonsOf(plan(1)).length);
    for (const alarm of ['regression', 'improvement'] as const)
      expect(clopperPearson(count(alarm), all.length).high).toBeLessThan(0.025);
    expect(count('no-change') / all.length).toBeGreaterThan(0.9);
  },
  120_000,
);

test.each([
  [1.05, 0.95],
  [1.1, 0.99],
])(
  'a variant of head that takes %d times as long is found, and no other',
  (factor, least) => {
    const jobs = verdicts(60, factor);

    expect(share(jobs, 1, 'regression')).toBeGreaterThanOrEqual(least);
    expect(share(jobs, 2, 'regression')).toBeGreaterThanOrEqual(least - 0.05);
    expect(share(jobs, 0, 'regression')).toBeLessThan(0.06);
  },
  120_000,
);
